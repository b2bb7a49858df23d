package io.howdah.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryExpiredListener;
import javax.cache.event.CacheEntryRemovedListener;
import javax.cache.event.CacheEntryUpdatedListener;
import javax.cache.expiry.AccessedExpiryPolicy;
import javax.cache.expiry.CreatedExpiryPolicy;
import javax.cache.expiry.Duration;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.expiry.TouchedExpiryPolicy;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import javax.cache.processor.EntryProcessorException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the TCK, which knows one process and no database, does not ask. */
@Timeout(120)
class HowdahCacheTest extends HowdahTest {
  private Howdah otherHowdah;
  private CacheManager here;
  private CacheManager there;

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    // what is checked here is not how fast a busy machine answers
    return builder.callTimeout(java.time.Duration.ofMinutes(1));
  }

  @BeforeEach
  void openManagers() {
    otherHowdah =
        configure(Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false)).open();
    here = Managers.on(howdah);
    there = Managers.on(otherHowdah);
  }

  @AfterEach
  void closeManagers() {
    here.getCacheNames().forEach(here::destroyCache);
    here.close();
    there.close();
    otherHowdah.close();
  }

  private static MutableConfiguration<String, Integer> numbers() {
    return new MutableConfiguration<String, Integer>().setTypes(String.class, Integer.class);
  }

  @Test
  void whatOneProcessPutsTheOtherReads() {
    Cache<String, Integer> mine = here.createCache("shared", numbers());
    Cache<String, Integer> theirs = there.createCache("shared", numbers());
    mine.put("a", 1);
    mine.putAll(Map.of("b", 2, "c", 3));
    assertThat(theirs.get("a")).isEqualTo(1);
    assertThat(theirs.getAll(Set.of("a", "b", "c", "d"))).hasSize(3).containsEntry("c", 3);
    assertThat(theirs).extracting(Cache.Entry::getKey).containsExactly("a", "b", "c");
    assertThat(theirs.replace("a", 1, 10)).isTrue();
    assertThat(mine.replace("a", 1, 11)).isFalse();
    assertThat(mine.getAndRemove("a")).isEqualTo(10);
    assertThat(theirs.containsKey("a")).isFalse();
    theirs.clear();
    assertThat(mine.iterator().hasNext()).isFalse();
  }

  @Test
  void processorsOfTwoProcessesRunOnceEachAndLoseNoUpdate() {
    List<Cache<String, Integer>> caches =
        List.of(here.createCache("counter", numbers()), there.createCache("counter", numbers()));
    AtomicInteger runs = new AtomicInteger();
    Threads.run(
        8,
        thread -> {
          for (int i = 0; i < 25; i++) {
            caches
                .get(thread % 2)
                .invoke(
                    "n",
                    (entry, arguments) -> {
                      runs.incrementAndGet();
                      entry.setValue(entry.exists() ? entry.getValue() + 1 : 1);
                      return null;
                    });
          }
          return true;
        });
    assertThat(runs).hasValue(200);
    assertThat(caches.get(0).get("n")).isEqualTo(200);
  }

  @Test
  void replacesThatRaceLoseNoUpdate() {
    List<Cache<String, Integer>> caches =
        List.of(here.createCache("race", numbers()), there.createCache("race", numbers()));
    caches.get(0).put("n", 0);
    List<Integer> won =
        Threads.run(
            8,
            thread -> {
              Cache<String, Integer> cache = caches.get(thread % 2);
              int successes = 0;
              for (int i = 0; i < 40; i++) {
                int before = cache.get("n");
                if (cache.replace("n", before, before + 1)) {
                  successes++;
                }
              }
              return successes;
            });
    assertThat(caches.get(1).get("n")).isEqualTo(won.stream().mapToInt(i -> i).sum());
  }

  @Test
  void putWaitsForTheProcessorThatHasTheEntry() throws Exception {
    Cache<String, Integer> mine = here.createCache("waiting", numbers());
    Cache<String, Integer> theirs = there.createCache("waiting", numbers());
    for (String key : List.of("absent", "present")) {
      if (key.equals("present")) {
        mine.put(key, 0);
      }
      CompletableFuture<?>[] putting = new CompletableFuture<?>[1];
      mine.invoke(
          key,
          (entry, arguments) -> {
            putting[0] = CompletableFuture.runAsync(() -> theirs.put(key, 2));
            Eventually.holds(
                "the put waits",
                () ->
                    sql(
                                "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                    + " AND query LIKE '%' || ? || '%'",
                                schema)
                            .size()
                        > 0);
            assertThat(putting[0].isDone()).isFalse();
            entry.setValue(1);
            return null;
          });
      putting[0].get(30, TimeUnit.SECONDS);
      assertThat(mine.get(key)).isEqualTo(2);
    }
  }

  @Test
  void processorThatFailsChangesNothingAndLeavesNothing() {
    Cache<String, Integer> cache = here.createCache("failing", numbers());
    cache.put("there", 1);
    for (String key : List.of("there", "new")) {
      assertThatThrownBy(() ->
              cache.invoke(
                  key,
                  (entry, arguments) -> {
                    entry.setValue(2);
                    throw new IllegalStateException("no");
                  }))
          .isInstanceOf(EntryProcessorException.class)
          .hasCauseInstanceOf(IllegalStateException.class);
    }
    cache.invoke("only read", (entry, arguments) -> entry.getValue());
    assertThat(cache.get("there")).isEqualTo(1);
    assertThat(sql("SELECT key FROM $.kv_ephemeral WHERE namespace = 'jcache:failing'"))
        .containsExactly("s:there");
  }

  @Test
  void writerSeesTheChangesInTheOrderOfTheCache() {
    Map<String, Integer> outer = new ConcurrentHashMap<>();
    AtomicInteger writes = new AtomicInteger();
    MutableConfiguration<String, Integer> configuration =
        numbers().setWriteThrough(true).setCacheWriterFactory(() -> new Writer(outer, writes));
    List<Cache<String, Integer>> caches =
        List.of(
            here.createCache("written", configuration),
            there.createCache("written", configuration));
    Threads.run(
        8,
        thread -> {
          for (int i = 0; i < 10; i++) {
            caches.get(thread % 2).put("k" + i % 2, thread * 100 + i);
            caches.get(thread % 2).putAll(Map.of("x", thread * 100 + i, "y", i));
          }
          return true;
        });
    assertThat(writes).hasValue(80 + 160);
    assertThat(caches.get(0).getAll(Set.of("k0", "k1", "x", "y"))).isEqualTo(outer);
    caches.get(0).removeAll();
    assertThat(outer).isEmpty();
  }

  @Test
  void whatTheWriterRefusesIsNotInTheCache() {
    Map<String, Integer> outer = new ConcurrentHashMap<>();
    Cache<String, Integer> cache =
        here.createCache(
            "refused",
            numbers()
                .setWriteThrough(true)
                .setCacheWriterFactory(() -> new Writer(outer, new AtomicInteger())));
    assertThatThrownBy(() -> cache.put("refused", 1)).isInstanceOf(CacheWriterException.class);
    assertThat(cache.containsKey("refused")).isFalse();
    assertThatThrownBy(() -> cache.putAll(Map.of("refused", 1, "ok", 2)))
        .isInstanceOf(CacheWriterException.class);
    assertThat(cache.containsKey("refused")).isFalse();
    Map<String, Integer> inside = new HashMap<>();
    cache.forEach(entry -> inside.put(entry.getKey(), entry.getValue()));
    assertThat(inside).isEqualTo(outer);
  }

  private record Writer(Map<String, Integer> outer, AtomicInteger writes)
      implements CacheWriter<String, Integer> {
    @Override
    public void write(Cache.Entry<? extends String, ? extends Integer> entry) {
      if (entry.getKey().equals("refused")) {
        throw new IllegalArgumentException("refused");
      }
      writes.incrementAndGet();
      outer.put(entry.getKey(), entry.getValue());
    }

    @Override
    public void writeAll(Collection<Cache.Entry<? extends String, ? extends Integer>> entries) {
      for (Cache.Entry<? extends String, ? extends Integer> entry : List.copyOf(entries)) {
        write(entry);
        entries.remove(entry);
      }
    }

    @Override
    public void delete(Object key) {
      outer.remove(String.valueOf(key));
    }

    @Override
    public void deleteAll(Collection<?> keys) {
      keys.forEach(this::delete);
      keys.clear();
    }
  }

  @Test
  void valueThatSomebodyHasPutWhileItWasLoadedStays() {
    Cache<String, Integer> theirs = there.createCache("loaded", numbers());
    Cache<String, Integer> cache =
        here.createCache(
            "loaded",
            numbers().setReadThrough(true).setCacheLoaderFactory(() -> new SlowLoader(theirs)));
    assertThat(cache.get("raced")).isEqualTo(2);
    assertThat(theirs.get("raced")).isEqualTo(2);
    assertThat(cache.getAll(Set.of("raced", "none", "new")))
        .containsExactlyInAnyOrderEntriesOf(Map.of("raced", 2, "new", 1));
  }

  private record SlowLoader(Cache<String, Integer> faster) implements CacheLoader<String, Integer> {
    @Override
    public Integer load(String key) {
      if (key.equals("raced")) {
        faster.put(key, 2);
      }
      return key.equals("none") ? null : 1;
    }

    @Override
    public Map<String, Integer> loadAll(Iterable<? extends String> keys) {
      Map<String, Integer> all = new HashMap<>();
      keys.forEach(key -> all.put(key, load(key)));
      return all;
    }
  }

  @Test
  void entryEndsByTheClockOfPostgres() {
    Cache<String, Integer> cache =
        here.createCache(
            "created",
            numbers().setExpiryPolicyFactory(CreatedExpiryPolicy.factoryOf(Duration.ONE_MINUTE)));
    cache.put("k", 1);
    age("jcache:created", 20);
    assertThat(cache.get("k")).isEqualTo(1);
    age("jcache:created", 41);
    assertThat(cache.get("k")).isNull();
    assertThat(cache.putIfAbsent("k", 2)).isTrue();
  }

  @Test
  void updateKeepsTheEndOfTheCreation() {
    Cache<String, Integer> cache =
        here.createCache(
            "kept",
            numbers().setExpiryPolicyFactory(CreatedExpiryPolicy.factoryOf(Duration.ONE_HOUR)));
    cache.put("k", 1);
    String query = "SELECT expires_at FROM $.kv_ephemeral WHERE namespace = 'jcache:kept'";
    List<String> end = sql(query);
    cache.put("k", 2);
    assertThat(sql(query)).isEqualTo(end);
    cache.invoke(
        "k",
        (entry, arguments) -> {
          entry.setValue(3);
          return null;
        });
    assertThat(sql(query)).isEqualTo(end);
    assertThat(cache.get("k")).isEqualTo(3);
  }

  @Test
  void accessProlongsWhereThePolicySaysSo() {
    Cache<String, Integer> accessed =
        here.createCache(
            "accessed",
            numbers().setExpiryPolicyFactory(AccessedExpiryPolicy.factoryOf(Duration.ONE_HOUR)));
    Cache<String, Integer> touched =
        here.createCache(
            "touched",
            numbers().setExpiryPolicyFactory(TouchedExpiryPolicy.factoryOf(Duration.ONE_HOUR)));
    for (Cache<String, Integer> cache : List.of(accessed, touched)) {
      cache.put("k", 1);
      for (int i = 0; i < 3; i++) {
        age("jcache:" + cache.getName(), 2_400);
        assertThat(cache.get("k")).isEqualTo(1);
      }
      age("jcache:" + cache.getName(), 3_660);
      assertThat(cache.containsKey("k")).isFalse();
    }
  }

  private static final class Recorder
      implements CacheEntryCreatedListener<String, Integer>,
          CacheEntryUpdatedListener<String, Integer>,
          CacheEntryRemovedListener<String, Integer>,
          CacheEntryExpiredListener<String, Integer> {
    private final List<String> events = new CopyOnWriteArrayList<>();

    private void record(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> all) {
      all.forEach(e ->
          events.add(
              e.getEventType() + " " + e.getKey() + " " + e.getOldValue() + " " + e.getValue()));
    }

    @Override
    public void onCreated(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> all) {
      record(all);
    }

    @Override
    public void onUpdated(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> all) {
      record(all);
    }

    @Override
    public void onRemoved(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> all) {
      record(all);
    }

    @Override
    public void onExpired(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> all) {
      record(all);
    }
  }

  private static MutableCacheEntryListenerConfiguration<String, Integer> listening(
      Recorder recorder, boolean synchronous) {
    return new MutableCacheEntryListenerConfiguration<>(() -> recorder, null, true, synchronous);
  }

  @Test
  void listenersHearWhatTheirOwnProcessDoes() {
    Recorder recorder = new Recorder();
    Cache<String, Integer> mine = here.createCache("heard", numbers());
    mine.registerCacheEntryListener(listening(recorder, true));
    Cache<String, Integer> theirs = there.createCache("heard", numbers());
    mine.put("a", 1);
    theirs.put("a", 2);
    mine.put("a", 3);
    mine.remove("a");
    mine.remove("a");
    assertThat(recorder.events)
        .containsExactly("CREATED a null 1", "UPDATED a 2 3", "REMOVED a 3 3");
  }

  @Test
  void asynchronousListenersHearInTheOrderOfTheChanges() {
    Recorder recorder = new Recorder();
    Cache<String, Integer> cache =
        here.createCache(
            "later", numbers().addCacheEntryListenerConfiguration(listening(recorder, false)));
    cache.put("k", -1);
    Threads.run(
        4,
        thread -> {
          for (int i = 0; i < 20; i++) {
            cache.put("k", thread * 100 + i);
          }
          return true;
        });
    Eventually.holds("all are heard", () -> recorder.events.size() == 81);
    String last = "-1";
    for (String event : recorder.events.subList(1, 81)) {
      String[] parts = event.split(" ", -1);
      assertThat(parts[2]).as(event).isEqualTo(last);
      last = parts[3];
    }
    assertThat(cache.get("k")).hasToString(last);
  }

  @Test
  void listenersHearWhatEndsByItself() {
    Recorder recorder = new Recorder();
    Duration moment = new Duration(TimeUnit.MILLISECONDS, 50);
    Cache<String, Integer> cache =
        here.createCache(
            "ending",
            numbers()
                .setExpiryPolicyFactory(CreatedExpiryPolicy.factoryOf(moment))
                .addCacheEntryListenerConfiguration(listening(recorder, true)));
    cache.put("k", 1);
    Eventually.holds("it ends", () -> recorder.events.contains("EXPIRED k 1 1"));
    cache.put("k", 2);
    Eventually.holds("it ends again", () -> recorder.events.contains("EXPIRED k 2 2"));
  }

  @Test
  void entryThatAnotherProcessHasProlongedIsNotToldOf() {
    Recorder recorder = new Recorder();
    Cache<String, Integer> cache =
        here.createCache(
            "prolonged",
            numbers()
                .setExpiryPolicyFactory(
                    CreatedExpiryPolicy.factoryOf(new Duration(TimeUnit.SECONDS, 3)))
                .addCacheEntryListenerConfiguration(listening(recorder, true)));
    cache.put("k", 1);
    assertThat(otherHowdah.kv("jcache:prolonged", byte[].class).persist("s:k")).isTrue();
    cache.put("other", 2);
    // it has the later end of the two
    Eventually.holds("the other ends", () -> recorder.events.contains("EXPIRED other 2 2"));
    assertThat(recorder.events).doesNotContain("EXPIRED k 1 1");
    assertThat(cache.get("k")).isEqualTo(1);
  }

  @Test
  void entryThatEndsAtItsUpdateIsToldOfAsExpired() {
    Recorder recorder = new Recorder();
    Cache<String, Integer> cache =
        here.createCache(
            "updated",
            numbers()
                .setExpiryPolicyFactory(() -> new EndsAtUpdate())
                .addCacheEntryListenerConfiguration(listening(recorder, true)));
    cache.put("k", 1);
    cache.put("k", 2);
    assertThat(recorder.events).containsExactly("CREATED k null 1", "EXPIRED k 1 1");
    assertThat(cache.containsKey("k")).isFalse();
  }

  private static final class EndsAtUpdate implements ExpiryPolicy {
    @Override
    public Duration getExpiryForCreation() {
      return Duration.ETERNAL;
    }

    @Override
    public Duration getExpiryForAccess() {
      return null;
    }

    @Override
    public Duration getExpiryForUpdate() {
      return Duration.ZERO;
    }
  }

  @Test
  void closedCacheKeepsItsEntriesAndADestroyedOneDoesNot() {
    Cache<String, Integer> cache = here.createCache("kept-or-not", numbers());
    cache.put("k", 1);
    cache.close();
    assertThatThrownBy(() -> cache.get("k")).isInstanceOf(IllegalStateException.class);
    assertThat(here.createCache("kept-or-not", numbers()).get("k")).isEqualTo(1);
    Cache<String, Integer> theirs = there.createCache("kept-or-not", numbers());
    here.destroyCache("kept-or-not");
    assertThat(theirs.get("k")).isNull();
  }

  @Test
  void valueOfAnotherTypeIsRefusedWhenItIsRead() {
    here.createCache("types", numbers()).put("k", 1);
    Cache<String, String> theirs =
        there.createCache(
            "types",
            new MutableConfiguration<String, String>().setTypes(String.class, String.class));
    assertThatThrownBy(() -> theirs.get("k"))
        .isInstanceOf(CacheException.class)
        .hasMessageContaining("java.lang.Integer");
  }

  @Test
  @Tag("full")
  void waitForAnotherTransactionHasAnEnd() throws Exception {
    Cache<String, Integer> cache = here.createCache("held", numbers());
    cache.put("k", 1);
    try (java.sql.Connection holder = connect()) {
      holder.setAutoCommit(false);
      assertThat(
              sql(
                  holder,
                  "SELECT key FROM $.kv_ephemeral WHERE namespace = 'jcache:held' FOR UPDATE"))
          .hasSize(1);
      assertThatThrownBy(() -> cache.invoke("k", (entry, arguments) -> entry.getValue()))
          .isInstanceOf(CacheException.class);
      holder.rollback();
    }
    assertThat(cache.get("k")).isEqualTo(1);
  }
}
