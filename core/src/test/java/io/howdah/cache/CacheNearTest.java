package io.howdah.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.Listener;
import io.howdah.near.NearSettings;
import io.howdah.stats.NearStats;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What this process keeps of a cache in its heap, for how long, and what takes it away. */
@Timeout(120)
class CacheNearTest extends HowdahTest {
  /** So long that what is seen earlier was notified. */
  private static final NearSettings LONG =
      NearSettings.defaults().withMaxStaleness(Duration.ofMinutes(10));

  private ComputedCache<Long> pushed(String name) {
    howdah.caches().notifyChanges(name, true);
    ComputedCache<Long> cache = howdah.cache(name, Long.class).near(LONG);
    Eventually.holds("it is told of evictions", () -> stats(howdah, name).isPushed());
    awaitHeard();
    return cache;
  }

  private static NearStats stats(Howdah howdah, String name) {
    return howdah.stats().nearCaches().stream()
        .filter(near -> near.kind().equals("cache") && near.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Past the functions, so that nobody is told. */
  private void loseSecretly(String name) {
    assertThat(sql("DELETE FROM $.cache_entry WHERE cache = ?", name)).isEmpty();
  }

  private Howdah another() {
    return TestPostgres.builder().schema(schema).sweeper(false).open();
  }

  @Test
  void secondReadIsAnsweredHere() {
    ComputedCache<Long> cache = pushed("hit");
    assertThat(cache.get("k", () -> 1L)).isEqualTo(1);
    assertThat(cache.find("nothing", () -> null)).isEmpty();
    assertThat(cache.getIfPresent("k")).contains(1L);
    assertThat(cache.find("nothing", () -> 3L)).as("known to be nothing").isEmpty();
    loseSecretly("hit");
    assertThat(cache.getIfPresent("k")).contains(1L);
    assertThat(cache.get("k", () -> 2L)).isEqualTo(1);
    assertThat(cache.find("nothing", () -> 3L)).isEmpty();
    assertThat(cache.async().getIfPresent("k").toCompletableFuture().join()).contains(1L);
    assertThat(howdah.cache("hit", Integer.class).getIfPresent("k")).contains(1);
    assertThat(stats(howdah, "hit").hits()).isGreaterThanOrEqualTo(4);
    assertThat(cache.getEntry("k")).as("getEntry asks").isEmpty();
    assertThat(cache.getIfPresent("k")).as("what was seen is not forgotten").isEmpty();
  }

  @Test
  void ownChangesAreSeenAtOnce() {
    ComputedCache<Long> cache = pushed("own");
    List<Consumer<ComputedCache<Long>>> changes =
        List.of(
            c -> c.evict("k"),
            c -> c.evictAll(List.of("k", "l")),
            c -> c.evictTag("t"),
            ComputedCache::clear,
            c -> c.async().evict("k").toCompletableFuture().join(),
            c -> c.async().evictTag("t").toCompletableFuture().join(),
            c -> c.async().clear().toCompletableFuture().join(),
            c -> howdah.transaction(tx -> tx.cache("own", Long.class).evictTag("t")),
            c -> howdah.transaction(tx -> tx.cache("own", Long.class).clear()));
    long value = 0;
    for (int round = 0; round < 10; round++) {
      for (Consumer<ComputedCache<Long>> change : changes) {
        long now = ++value;
        assertThat(cache.tagged("s", "t").get("k", () -> now)).isEqualTo(now);
        assertThat(cache.getIfPresent("k")).contains(now);
        change.accept(cache);
        assertThat(cache.getIfPresent("k")).isEmpty();
        cache.put("k", -now);
        assertThat(cache.getIfPresent("k")).contains(-now);
        howdah.transaction(tx -> tx.cache("own", Long.class).put("k", now));
        assertThat(cache.getIfPresent("k")).contains(now);
        cache.evict("k");
      }
    }
  }

  @Test
  void rolledBackEvictionTakesNothingAway() {
    ComputedCache<Long> cache = pushed("rollback");
    assertThat(cache.tagged("t").get("k", () -> 1L)).isEqualTo(1);
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              tx.cache("rollback", Long.class).evictTag("t");
              assertThat(tx.cache("rollback", Long.class).getIfPresent("k")).isEmpty();
              assertThat(cache.getIfPresent("k")).as("not committed").contains(1L);
              throw new IllegalStateException("no");
            }))
        .hasMessage("no");
    assertThat(cache.get("k", () -> 2L)).isEqualTo(1);
  }

  @Test
  void changesElsewhereAreSeen() {
    ComputedCache<Long> cache = pushed("other");
    assertThat(sql("CREATE TABLE $.source (id int)")).isEmpty();
    howdah.caches().dependsOn("other", schema + ".source", "t{id}");
    try (Howdah another = another()) {
      ComputedCache<Long> theirs = another.cache("other", Long.class);
      List<Runnable> changes =
          List.of(
              () -> theirs.evict("k"),
              () -> theirs.evictAll(List.of("k")),
              () -> theirs.evictTag("t1"),
              theirs::clear,
              () -> assertThat(sql("SELECT $.cache_evict_tag('other', 't1')")).hasSize(1),
              () -> assertThat(sql("INSERT INTO $.source VALUES (0), (1)")).isEmpty());
      for (Runnable change : changes) {
        assertThat(cache.tagged("t1").get("k", () -> 1L)).isEqualTo(1);
        Eventually.holds(
            "it is kept",
            () -> {
              assertThat(cache.tagged("t1").get("k", () -> 1L)).isEqualTo(1);
              long hits = stats(howdah, "other").hits();
              assertThat(cache.getIfPresent("k")).contains(1L);
              return stats(howdah, "other").hits() > hits;
            });
        change.run();
        Eventually.holds("it is gone", () -> cache.getIfPresent("k").isEmpty());
      }
      theirs.put("k", 5L);
      Eventually.holds("it is new", () -> cache.getIfPresent("k").equals(Optional.of(5L)));
      theirs.put("k", 6L);
      Eventually.holds("it is newer", () -> cache.getIfPresent("k").equals(Optional.of(6L)));
      theirs.evictAll(IntStream.range(0, 1_000).mapToObj(i -> i == 7 ? "k" : "k" + i).toList());
      Eventually.holds("one of many is gone", () -> cache.getIfPresent("k").isEmpty());
    }
  }

  @Test
  void withoutNotificationsWhatIsTooOldIsReadAgain() {
    ComputedCache<Long> cache =
        howdah
            .cache("polled", Long.class)
            .near(NearSettings.defaults().withMaxStaleness(Duration.ofMillis(300)));
    try (Howdah another = another()) {
      assertThat(cache.get("k", () -> 1L)).isEqualTo(1);
      another.cache("polled", Long.class).put("k", 2L);
      Eventually.holds("too old", () -> cache.getIfPresent("k").equals(Optional.of(2L)));
    }
    assertThat(stats(howdah, "polled").isPushed()).isFalse();
  }

  @Test
  void staleValuesAreNotKept() {
    ComputedCache<Long> cache = pushed("stale");
    ComputedCache<Long> put =
        howdah.cache(
            "stale",
            Long.class,
            CacheSettings.defaults().withStaleFor(Duration.ofHours(1)).withJitter(0));
    put.put("k", 1L);
    assertThat(sql("UPDATE $.cache_entry SET fresh_until = now() - interval '1 s' WHERE key = 'k'"))
        .isEmpty();
    assertThat(cache.getIfPresent("k")).contains(1L);
    loseSecretly("stale");
    assertThat(cache.getIfPresent("k")).isEmpty();
  }

  @Test
  void valueIsGoneWhenItIsNotFreshAnyMore() {
    ComputedCache<Long> cache = pushed("ending");
    cache.put("k", 1L, Duration.ofMillis(200));
    Eventually.holds("it has ended", () -> cache.getIfPresent("k").isEmpty());
  }

  @Test
  void whoStillEvictsWithoutKnowingIsWaitedFor() throws SQLException {
    try (Connection old = connect()) {
      old.setAutoCommit(false);
      assertThat(sql(old, "SELECT pg_current_xact_id()")).hasSize(1);
      howdah.caches().notifyChanges("switched", true);
      ComputedCache<Long> cache = howdah.cache("switched", Long.class).near(LONG);
      assertThat(cache.get("k", () -> 1L)).isEqualTo(1);
      Eventually.holds(
          "the listener is up", () -> howdah.stats().listening().state().name().equals("PUSH"));
      assertThat(stats(howdah, "switched").isPushed()).isFalse();
      old.commit();
      Eventually.holds("it is told now", () -> stats(howdah, "switched").isPushed());
      assertThat(howdah.caches().notifyChanges("switched", true)).as("there already").isFalse();
      assertThat(howdah.caches().list())
          .filteredOn(CacheInfo::notifies)
          .extracting(CacheInfo::name)
          .contains("switched");
      assertThat(howdah.caches().notifyChanges("switched", false)).isTrue();
      Eventually.holds("it is not told", () -> !stats(howdah, "switched").isPushed());
    }
  }

  @Test
  void scopesAreTheSameInSqlAndJava() {
    CacheKey row = new CacheKey("né", "ä€😀");
    assertThat(sql("SELECT $._cache_scope('né', 'k', 'ä€😀')"))
        .containsExactly(String.valueOf(CacheCalls.keyScope(row)));
    // For other languages: docs/near-cache.md has it.
    assertThat(sql("SELECT encode(int8send($._cache_scope('reports', 't', 'customer:7')), 'hex')"))
        .containsExactly("4fd1eeca58dfacfc");
  }

  @Test
  void settingsOfOneNearCacheAreOne() {
    ComputedCache<Long> cache = howdah.cache("settings", Long.class).near(LONG);
    assertThat(cache.near(LONG)).isSameAs(cache);
    assertThatThrownBy(() -> cache.near(NearSettings.defaults()))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("settings: the near cache of 'settings' has");
  }

  /**
   * Numbers that only grow stand in a table, and caches of them are evicted with each change: so
   * one that is smaller than what this process had seen before the read is an old one.
   */
  @Tag("full")
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noReadIsOlderThanWhatWasKnown(boolean notifies) {
    String name = "load " + notifies;
    String table = "number_" + notifies;
    int keys = 20;
    AtomicLongArray known = new AtomicLongArray(keys);
    howdah.caches().notifyChanges(name, notifies);
    assertThat(sql("CREATE TABLE $." + table + " (key int PRIMARY KEY, n bigint NOT NULL)"))
        .isEmpty();
    assertThat(
            sql(
                "INSERT INTO $." + table + " SELECT i, 0 FROM generate_series(0, ?) AS i",
                keys - 1))
        .isEmpty();
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong reads = new AtomicLong();
    try (Howdah process =
        TestPostgres.builder()
            .schema(schema)
            .sweeper(false)
            .pollInterval(Duration.ofMillis(200))
            .open()) {
      ComputedCache<Long> cache =
          process
              .cache(name, Long.class)
              .near(NearSettings.defaults().withMaxStaleness(Duration.ofMillis(100)));
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
      var unused =
          Threads.run(
              9,
              thread -> {
                Random random = new Random(thread);
                try {
                  while (!over.get()) {
                    int key = random.nextInt(keys);
                    if (thread < 6) {
                      long before = known.get(key);
                      long value = read(cache, table, key, random);
                      assertThat(value).as("key " + key).isGreaterThanOrEqualTo(before);
                      known.accumulateAndGet(key, value, Math::max);
                      reads.incrementAndGet();
                    } else if (thread == 6) {
                      long value = change(process, name, table, key);
                      known.accumulateAndGet(key, value, Math::max);
                      awaitReads(reads, over);
                    } else if (thread == 7) {
                      changeBySql(name, table, key);
                      awaitReads(reads, over);
                    } else {
                      Eventually.holds(
                          "it listens again",
                          () ->
                              process.stats().listening().state() == Listener.State.PUSH
                                  || over.get());
                      awaitReads(reads, over);
                      killListeners();
                      // On a machine that does little at a time it takes longer.
                      if (System.nanoTime() >= until && stats(process, name).hits() >= 50) {
                        over.set(true);
                      }
                    }
                  }
                } catch (Throwable e) {
                  over.set(true);
                  throw e;
                }
                return true;
              });
      for (int key = 0; key < keys; key++) {
        int one = key;
        Eventually.holds(
            "all agree", () -> read(cache, table, one, new Random(1)) == number(table, one));
      }
    }
  }

  /** Else nothing is kept long enough to be read again. */
  private static void awaitReads(AtomicLong reads, AtomicBoolean over) {
    long before = reads.get();
    Eventually.holds("others read", () -> reads.get() >= before + 20 || over.get());
  }

  private long read(ComputedCache<Long> cache, String table, int key, Random random) {
    ComputedCache<Long> tagged = cache.tagged("t" + key);
    return switch (random.nextInt(4)) {
      case 0 ->
          tagged
              .getAll(List.of("k" + key), all -> Map.of("k" + key, number(table, key)))
              .getOrDefault("k" + key, 0L);
      case 1 ->
          cache
              .getEntry("k" + key)
              .flatMap(CacheEntry::value)
              .orElseGet(() -> tagged.get("k" + key, () -> number(table, key)));
      default -> tagged.get("k" + key, () -> number(table, key));
    };
  }

  private long number(String table, int key) {
    return Long.parseLong(sql("SELECT n FROM $." + table + " WHERE key = ?", key).get(0));
  }

  private long change(Howdah process, String name, String table, int key) {
    return process.transactionReturning(tx -> {
      try {
        tx.cache(name, Long.class).evictTag("t" + key);
        return Long.parseLong(
            sql(
                    tx.connection(),
                    "UPDATE $." + table + " SET n = n + 1 WHERE key = ? RETURNING n",
                    key)
                .get(0));
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private void changeBySql(String name, String table, int key) {
    assertThat(
            sql(
                "WITH changed AS (UPDATE $."
                    + table
                    + " SET n = n + 1 WHERE key = ? RETURNING n) SELECT $.cache_evict_tag(?, ?) FROM changed",
                key,
                name,
                "t" + key))
        .hasSize(1);
  }

  private void killListeners() {
    assertThat(
            sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE ? AND pid <> pg_backend_pid()",
                "%/* howdah listener " + schema + " */"))
        .isNotNull();
  }
}
