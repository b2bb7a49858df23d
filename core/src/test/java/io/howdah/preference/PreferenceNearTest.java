package io.howdah.preference;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.engine.Listener;
import io.howdah.near.NearSettings;
import io.howdah.preference.PreferenceOperation.Owner;
import io.howdah.stats.NearStats;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What this process keeps of preferences in its heap, and what takes it away. */
@Timeout(120)
class PreferenceNearTest extends HowdahTest {
  private static final PreferenceKey<Long> SIZE = PreferenceKey.of("size", Long.class, 0L);

  /** Of no layer, so that there is one value for each user. */
  private static final PreferenceKey<Long> NUMBER = PreferenceKey.of("number", Long.class, 0L);

  /** So long that what is seen earlier was notified. */
  private static final NearSettings LONG =
      NearSettings.defaults().withMaxStaleness(Duration.ofMinutes(10));

  private Preferences preferences;

  @BeforeEach
  void listen() {
    howdah.preferences().notifyChanges(true);
    preferences = howdah.preferences().near(LONG);
    Eventually.holds("it is told of changes", () -> stats().isPushed());
  }

  private NearStats stats() {
    return howdah.stats().nearCaches().stream()
        .filter(near -> near.kind().equals("preference"))
        .findFirst()
        .orElseThrow();
  }

  /** Reads what is kept then: nothing that was written before is still to be heard. */
  private void warm(String user, String... groups) {
    awaitHeard();
    Eventually.holds(
        "it is kept",
        () -> {
          PreferenceValue<Long> before = preferences.effective(user, groups).get(SIZE);
          long hits = stats().hits();
          PreferenceValue<Long> now = preferences.effective(user, groups).get(SIZE);
          return now.equals(before) && stats().hits() >= hits + 2 + groups.length;
        });
  }

  @Test
  void layersAreKept() {
    preferences.setSystem(SIZE, 1L);
    preferences.setGroup("staff", SIZE, 2L);
    preferences.set("kept", SIZE, 3L);
    warm("kept", "staff");
    warm("nobody", "staff", "none");
    // Past the functions, so that nobody is told.
    assertThat(sql("UPDATE $.preference SET prefs = '{\"size\": 30}'")).isEmpty();
    assertThat(sql("UPDATE $.preference_layer SET prefs = '{\"size\": 20}'")).isEmpty();
    assertThat(preferences.get("kept", SIZE)).isEqualTo(3);
    assertThat(preferences.effective("kept", "staff").value(SIZE)).isEqualTo(3);
    PreferenceValue<Long> ofGroup = preferences.effective("nobody", "staff", "none").get(SIZE);
    assertThat(ofGroup.value()).isEqualTo(2);
    assertThat(ofGroup.origin()).isEqualTo(PreferenceOrigin.GROUP);
    assertThat(ofGroup.group()).contains("staff");
    assertThat(preferences.all("kept")).extracting(Preference::json).containsExactly("30");
    assertThat(preferences.get("kept", SIZE)).as("what was seen is not forgotten").isEqualTo(30);
  }

  /** Reads that go past the near cache may see what is newer: then it gives nothing older. */
  @Test
  void whatWasSeenPastItIsNotForgotten() {
    List<Supplier<Long>> reads =
        List.of(
            () -> preferences.async().get("past", SIZE).toCompletableFuture().join(),
            () ->
                preferences
                    .async()
                    .effective("past", List.of("staff"))
                    .toCompletableFuture()
                    .join()
                    .value(SIZE),
            () ->
                Long.parseLong(
                    preferences.async().all("past").toCompletableFuture().join().get(0).json()),
            () -> howdah.transactionReturning(tx -> tx.preferences().get("past", SIZE)),
            () ->
                howdah.transactionReturning(
                    tx -> tx.preferences().effective("past", "staff").value(SIZE)),
            () ->
                howdah.transactionReturning(
                    tx -> Long.parseLong(tx.preferences().all("past").get(0).json())));
    preferences.set("past", SIZE, 0L);
    for (int i = 0; i < reads.size(); i++) {
      warm("past", "staff");
      long newer = 100L + i;
      // Past the functions, so that nobody is told.
      assertThat(
              sql(
                  "UPDATE $.preference SET prefs = jsonb_build_object('size', ?::bigint) WHERE user_id = 'past'",
                  newer))
          .isEmpty();
      assertThat(preferences.get("past", SIZE)).as("kept").isNotEqualTo(newer);
      assertThat(reads.get(i).get()).isEqualTo(newer);
      assertThat(preferences.get("past", SIZE)).isEqualTo(newer);
    }
  }

  @Test
  void ownChangesAreSeenAtOnce() {
    for (long i = 1; i < 50; i++) {
      preferences.set("own", SIZE, i);
      assertThat(preferences.get("own", SIZE)).isEqualTo(i);
      preferences.async().set("own", SIZE, -i).toCompletableFuture().join();
      assertThat(preferences.effective("own").value(SIZE)).isEqualTo(-i);
      long value = i;
      howdah.transaction(tx -> {
        tx.preferences().set("own", SIZE, 100 + value);
        assertThat(tx.preferences().get("own", SIZE)).isEqualTo(100 + value);
      });
      assertThat(preferences.get("own", SIZE)).isEqualTo(100 + value);
      assertThat(preferences.unset("own", SIZE)).isTrue();
      preferences.setGroup("g", SIZE, i);
      assertThat(preferences.effective("own", "g").value(SIZE)).isEqualTo(i);
      assertThat(preferences.forgetGroup("g")).isTrue();
      preferences.setSystem(SIZE, i);
      assertThat(preferences.effective("own", "g").value(SIZE)).isEqualTo(i);
      assertThat(preferences.unsetSystem(SIZE)).isTrue();
      assertThat(preferences.effective("own", "g").value(SIZE)).isEqualTo(0);
    }
  }

  @Test
  void changesElsewhereAreSeen() {
    List<String> changes =
        List.of(
            "SELECT $.preference_set('other', 'size', '7')",
            "SELECT $.preference_unset('other', 'size')",
            "SELECT $.preference_group_set('staff2', 'size', '8')",
            "SELECT $.preference_group_unset('staff2', 'size')",
            "SELECT $.preference_group_set('staff2', 'size', '9')",
            "SELECT $.preference_group_forget('staff2')",
            "SELECT $.preference_set('other', 'size', '10')",
            "SELECT $.preference_forget('other')",
            "SELECT $.preference_system_set('size', '11')",
            "SELECT $.preference_system_unset('size')");
    List<Long> seen = List.of(7L, 0L, 8L, 0L, 9L, 0L, 10L, 0L, 11L, 0L);
    for (int i = 0; i < changes.size(); i++) {
      warm("other", "staff2");
      assertThat(sql(changes.get(i))).hasSize(1);
      long value = seen.get(i);
      Eventually.holds(
          changes.get(i), () -> preferences.effective("other", "staff2").value(SIZE) == value);
    }
  }

  @Test
  void namesOfOwnersAreTheSameInSqlAndJava() {
    for (Owner owner : List.of(Owner.SYSTEM, Owner.group("gä"), Owner.user("ü😀"))) {
      byte[] hash = ByteBuffer.allocate(8).putLong(PreferenceCalls.scope(owner)).array();
      assertThat(
              sql(
                  "SELECT encode(substring(sha256(convert_to(? || ':' || ?, 'UTF8')) FOR 8), 'base64')",
                  owner.layer().substring(0, 1),
                  owner.name()))
          .containsExactly(Base64.getEncoder().encodeToString(hash));
    }
  }

  private static boolean listens(Howdah howdah) {
    return howdah.stats().listening().state() == Listener.State.PUSH;
  }

  /** Values only grow: so one that is smaller than what was known before the read is an old one. */
  @Tag("full")
  @Test
  void noReadIsOlderThanWhatWasKnown() {
    int users = 20;
    AtomicLongArray known = new AtomicLongArray(users);
    AtomicBoolean over = new AtomicBoolean();
    try (Howdah process =
            TestPostgres.builder()
                .schema(schema)
                .sweeper(false)
                .pollInterval(Duration.ofMillis(200))
                .open();
        Howdah other = TestPostgres.builder().schema(schema).sweeper(false).open()) {
      Preferences near =
          process
              .preferences()
              .near(NearSettings.defaults().withMaxStaleness(Duration.ofMillis(100)));
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
      var unused =
          Threads.run(
              8,
              thread -> {
                Random random = new Random(thread);
                long number = 0;
                try {
                  while (System.nanoTime() < until && !over.get()) {
                    int user = random.nextInt(users);
                    String name = "load" + user;
                    if (thread < 5) {
                      long before = known.get(user);
                      long value =
                          random.nextInt(10) == 0
                              ? Long.parseLong(
                                  near.all(name).stream()
                                      .map(Preference::json)
                                      .findFirst()
                                      .orElse("0"))
                              : random.nextBoolean()
                                  ? near.get(name, NUMBER)
                                  : near.effective(name, "g").value(NUMBER);
                      assertThat(value).as(name).isGreaterThanOrEqualTo(before);
                      known.accumulateAndGet(user, value, Math::max);
                    } else if (thread < 7) {
                      // Each writes to users of its own, so that values only grow.
                      int own = user / 2 * 2 + thread - 5;
                      Preferences writer = thread == 5 ? near : other.preferences();
                      long value = ++number;
                      writer.set("load" + own, NUMBER, value);
                      if (thread == 5) {
                        known.accumulateAndGet(own, value, Math::max);
                      }
                    } else {
                      Eventually.holds(
                          "it listens again", () -> listens(process) || System.nanoTime() >= until);
                      assertThat(
                              sql(
                                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE ? AND pid <> pg_backend_pid()",
                                  "%/* howdah listener " + schema + " */"))
                          .isNotNull();
                    }
                  }
                } catch (Throwable e) {
                  over.set(true);
                  throw e;
                }
                return true;
              });
      for (int user = 0; user < users; user++) {
        String name = "load" + user;
        Eventually.holds(
            "all agree",
            () -> near.get(name, NUMBER).equals(other.preferences().get(name, NUMBER)));
      }
    }
  }
}
