package io.howdah.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.NamespaceSettings;
import io.howdah.kv.NamespaceSettings.OnFull;
import io.howdah.testing.HowdahTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A namespace that refuses takes no new key when it is full, and everything else. */
@Timeout(120)
class FullNamespaceTest extends HowdahTest {
  @ParameterizedTest
  @EnumSource(Durability.class)
  void newKeysAreRefusedAndOthersAreNot(Durability durability) {
    KeyValueStore<Integer> store = full("full-" + durability, durability);
    assertRefused(() -> store.set("new", 1));
    assertRefused(() -> store.setIfAbsent("new", 1));
    assertRefused(() -> store.increment("new"));
    assertRefused(() -> store.increment("new", 1, Duration.ofHours(1)));
    assertRefused(() -> store.getAndSet("new", 1));
    assertRefused(() -> store.setAll(Map.of("k1", 5, "new", 1)));
    assertRefused(() -> store.update("new", before -> 1));
    assertThat(store.get("new")).isEmpty();
    assertThat(store.get("k1")).as("all or nothing").contains(1);

    store.set("k1", 2);
    store.setAll(Map.of("k1", 3, "k2", 3));
    assertThat(store.setIfAbsent("k1", 4)).isEmpty();
    assertThat(store.replace("k1", 4)).isPresent();
    assertThat(store.replace("new", 4)).isEmpty();
    assertThat(store.increment("k1")).isEqualTo(5);
    assertThat(store.getAndSet("k1", 6)).contains(5);
    assertThat(store.delete("k1")).isTrue();
    assertThat(store.take("k2")).contains(3);
  }

  @Test
  void theRefusalSaysHowFullItIs() {
    KeyValueStore<Integer> store = full("says", Durability.EPHEMERAL);
    assertThatThrownBy(() -> store.set("new", 1))
        .hasMessageContaining("namespace says is full")
        .hasMessageContaining("10 entries");
    assertThat(sql("SELECT $.kv_set_many('says', ARRAY['k1', 'k2'], ARRAY['1', '2']::jsonb[])"))
        .containsExactly("2");
  }

  @Test
  void roomIsSeenAgain() {
    KeyValueStore<Integer> store = full("room", Durability.EPHEMERAL);
    assertThat(store.delete("k1")).isTrue();
    sweepAll();
    store.set("new", 1);
    sweepAll();
    assertRefused(() -> store.set("newer", 1));
    // A dead value is none: its key is new.
    store.expire("new", Duration.ofMinutes(1));
    age("room", 60);
    assertRefused(() -> store.set("new", 1));
    sweepAll();
    store.set("new", 1);
  }

  @Test
  void changeOfTheBoundsCountsAtOnce() {
    KeyValueStore<Integer> store = full("changed", Durability.EPHEMERAL);
    howdah.namespaces().create("changed", settings(Durability.EPHEMERAL).withMaxEntries(20));
    store.set("new", 1);
    howdah.namespaces().create("changed", settings(Durability.EPHEMERAL).withMaxEntries(5));
    sweepAll();
    assertRefused(() -> store.set("newer", 1));
    assertThat(store.count("")).as("nothing is evicted").isEqualTo(11);
    assertThat(howdah.namespaces().clear("changed")).isEqualTo(11);
    store.set("newest", 1);
  }

  @Test
  void bytesAreABoundToo() {
    howdah.namespaces().create("bytes", settings(Durability.EPHEMERAL).withMaxBytes(10_000));
    KeyValueStore<String> store = howdah.kv("bytes", String.class);
    for (int i = 0; i < 100; i++) {
      store.set("k" + i, "x".repeat(50));
    }
    sweepAll();
    assertRefused(() -> store.set("new", "x"));
    store.set("k1", "y".repeat(100));
  }

  /** They share statements with the refused ones. */
  @Test
  void callsOfStrangersGoOn() {
    KeyValueStore<Integer> store = full("crowded", Durability.EPHEMERAL);
    KeyValueStore<Integer> strangers = howdah.kv("strangers", Integer.class);
    List<CompletableFuture<?>> refused = new ArrayList<>();
    List<CompletableFuture<?>> fine = new ArrayList<>();
    List<CompletableFuture<OptionalLong>> lost = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      refused.add(store.async().set("new" + i, i).toCompletableFuture());
      refused.add(store.async().setIfAbsent("newer" + i, i, null).toCompletableFuture());
      refused.add(store.async().increment("newest" + i, 1).toCompletableFuture());
      fine.add(strangers.async().set("s" + i, i).toCompletableFuture());
      fine.add(strangers.async().setIfAbsent("a" + i, i, null).toCompletableFuture());
      fine.add(strangers.async().increment("i" + i, 1).toCompletableFuture());
      fine.add(store.async().set("k1", i).toCompletableFuture());
      lost.add(store.async().setIfAbsent("k2", i, null).toCompletableFuture());
    }
    for (CompletableFuture<?> future : refused) {
      assertThatThrownBy(future::join)
          .hasCauseInstanceOf(HowdahException.class)
          .satisfies(e ->
              assertThat(((HowdahException) e.getCause()).code())
                  .isEqualTo(ErrorCode.NAMESPACE_FULL));
    }
    assertThatCode(() -> fine.forEach(CompletableFuture::join)).doesNotThrowAnyException();
    assertThat(lost).allSatisfy(future -> assertThat(future.join()).isEmpty());
    assertThat(strangers.count("")).isEqualTo(900);
    assertThat(store.count("")).isEqualTo(10);
  }

  private static NamespaceSettings settings(Durability durability) {
    return NamespaceSettings.of(durability).withMaxEntries(10).whenFull(OnFull.REFUSE);
  }

  private KeyValueStore<Integer> full(String name, Durability durability) {
    howdah.namespaces().create(name, settings(durability));
    KeyValueStore<Integer> store = howdah.kv(name, Integer.class);
    for (int i = 0; i < 10; i++) {
      store.set("k" + i, i);
    }
    sweepAll();
    return store;
  }

  private void sweepAll() {
    SweepReport report;
    do {
      report = howdah.sweep();
    } while (!report.isDone());
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NAMESPACE_FULL));
  }
}
