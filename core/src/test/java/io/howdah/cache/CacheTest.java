package io.howdah.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.TypeRef;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a caller of a cache can rely on. */
@Timeout(60)
class CacheTest extends HowdahTest {
  private static final CacheSettings EXACT = CacheSettings.defaults().withJitter(0);

  private final AtomicInteger computed = new AtomicInteger();

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.executor(task -> new Thread(task, "refresh").start());
  }

  @BeforeEach
  void empty() {
    computed.set(0);
    run("DELETE FROM $.cache_entry; DELETE FROM $.cache_load; DELETE FROM $.cache_eviction");
  }

  private ComputedCache<String> cache(CacheSettings settings) {
    return howdah.cache("c", String.class, settings);
  }

  private String compute() {
    return "v" + computed.incrementAndGet();
  }

  private void run(String statements) {
    List<String> ignored = sql(statements);
    assertThat(ignored).hasSizeLessThan(2);
  }

  /** Makes all entries as old as if this many seconds had passed. */
  private void age(int seconds) {
    run(
        "UPDATE $.cache_entry SET created_at = created_at - i, updated_at = updated_at - i, fresh_until = fresh_until - i,"
            + " expires_at = expires_at - i FROM (SELECT "
            + seconds
            + " * interval '1 s' AS i) AS x");
  }

  record Report(String title, int pages) {}

  @Test
  void valueIsComputedOnceAndThenRead() {
    ComputedCache<Report> reports = howdah.cache("reports", Report.class);
    Report q3 = new Report("q3", 12);
    assertThat(reports.getIfPresent("q3")).isEmpty();
    assertThat(reports.get("q3", () -> q3)).isSameAs(q3);
    assertThat(reports.get("q3", () -> new Report("other", 0))).isEqualTo(q3);
    assertThat(reports.getIfPresent("q3")).contains(q3);
    assertThat(reports.getIfPresent("q4")).isEmpty();
    CacheStats stats = reports.stats();
    assertThat(stats)
        .returns(2L, CacheStats::hits)
        .returns(3L, CacheStats::misses)
        .returns(1L, CacheStats::loads)
        .returns(0L, CacheStats::unstored)
        .returns(0.4, CacheStats::hitRate);
    assertThat(sql("SELECT count(*) FROM $.cache_load")).containsExactly("0");
  }

  @Test
  void valuesAreOfAnyTypeOfTheCodec() {
    ComputedCache<List<Report>> lists =
        howdah.cache("lists", new TypeRef<List<Report>>() {}, EXACT);
    lists.put("a", List.of(new Report("x", 1)));
    assertThat(lists.getIfPresent("a")).contains(List.of(new Report("x", 1)));
    ComputedCache<byte[]> blobs = howdah.cache("blobs", byte[].class, EXACT);
    byte[] bytes = {0, 1, (byte) 0xFF};
    assertThat(blobs.get("b", () -> bytes)).isSameAs(bytes);
    assertThat(blobs.getIfPresent("b").orElseThrow()).isEqualTo(bytes);
    assertThat(sql("SELECT bytes::text FROM $.cache_get_bytes('blobs', 'b')"))
        .containsExactly("\\x0001ff");
    assertThatThrownBy(() -> howdah.cache("blobs", String.class).getIfPresent("b"))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_KIND));
    ComputedCache<Codec.Encoded> either = howdah.cache("blobs", Codec.either(), EXACT);
    assertThat(either.getIfPresent("b").orElseThrow().bytes()).isEqualTo(bytes);
  }

  @Test
  void largeValuesComeAlone() {
    ComputedCache<String> cache = cache(EXACT);
    String large = "x".repeat(6 << 20);
    cache.put("large", large);
    cache.put("small", "s");
    assertThat(cache.getIfPresent("large")).contains(large);
    assertThat(cache.getAllPresent(List.of("large", "none", "small")))
        .isEqualTo(Map.of("large", large, "small", "s"));
  }

  @Test
  void nothingIsRememberedToo() {
    ComputedCache<String> cache = cache(EXACT);
    assertThat(cache.find("k", () -> null)).isEmpty();
    assertThat(cache.find("k", this::compute)).isEmpty();
    assertThat(cache.getIfPresent("k")).isEmpty();
    assertThat(sql("SELECT value IS NULL AND NOT stale FROM $.cache_get('c', 'k')"))
        .containsExactly("t");
    assertThatThrownBy(() -> cache.get("k", this::compute))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOAD_FAILED))
        .hasMessageContaining("find(key, loader)");
    age(61);
    assertThat(cache.find("k", this::compute)).contains("v1");
  }

  @Test
  void nothingIsNotRememberedWithoutTime() {
    ComputedCache<String> cache = cache(EXACT.withEmptyTtl(Duration.ZERO));
    assertThat(cache.find("k", () -> null)).isEmpty();
    Eventually.holds(
        "the load is given up",
        () -> sql("SELECT count(*) FROM $.cache_load").equals(List.of("0")));
    assertThat(cache.find("k", this::compute)).contains("v1");
  }

  @Test
  void valueEndsAfterItsTime() {
    ComputedCache<String> cache = cache(EXACT.withTtl(Duration.ofSeconds(100)));
    assertThat(cache.get("k", this::compute)).isEqualTo("v1");
    age(99);
    assertThat(cache.get("k", this::compute)).isEqualTo("v1");
    age(2);
    assertThat(cache.getIfPresent("k")).isEmpty();
    assertThat(cache.get("k", this::compute)).isEqualTo("v2");
    cache.put("k", "short", Duration.ofSeconds(10));
    age(9);
    assertThat(cache.getIfPresent("k")).contains("short");
    age(2);
    assertThat(cache.getIfPresent("k")).isEmpty();
  }

  @Test
  void timesToLiveAreSpread() {
    ComputedCache<String> cache =
        cache(CacheSettings.defaults().withTtl(Duration.ofSeconds(1000)).withJitter(0.5));
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      keys.add("k" + i);
    }
    assertThat(
            cache.getAll(
                keys, missing -> missing.stream().collect(Collectors.toMap(k -> k, k -> k))))
        .hasSize(200);
    assertThat(
            sql(
                "SELECT min(extract(epoch FROM fresh_until - updated_at)) BETWEEN 500 AND 600"
                    + " AND max(extract(epoch FROM fresh_until - updated_at)) BETWEEN 900 AND 1000 FROM $.cache_entry"))
        .containsExactly("t");
  }

  @Test
  void staleValueIsHandedOutWhileItIsComputedAnew() throws Exception {
    ComputedCache<String> cache =
        cache(EXACT.withTtl(Duration.ofSeconds(100)).withStaleFor(Duration.ofSeconds(100)));
    assertThat(cache.get("k", this::compute)).isEqualTo("v1");
    age(101);
    CountDownLatch mayCompute = new CountDownLatch(1);
    CacheLoader<String> slow =
        () -> {
          assertThat(mayCompute.await(30, TimeUnit.SECONDS)).isTrue();
          return compute();
        };
    for (int i = 0; i < 20; i++) {
      assertThat(cache.get("k", slow)).isEqualTo("v1");
    }
    assertThat(cache.getIfPresent("k")).contains("v1");
    assertThat(sql("SELECT value::text || ' ' || stale FROM $.cache_get('c', 'k')"))
        .containsExactly("\"v1\" true");
    mayCompute.countDown();
    Eventually.holds("it is new", () -> cache.getIfPresent("k").equals(Optional.of("v2")));
    assertThat(cache.get("k", this::compute)).isEqualTo("v2");
    assertThat(computed).hasValue(2);
    age(201);
    assertThat(cache.get("k", this::compute)).as("beyond stale").isEqualTo("v3");
  }

  @Test
  void failedRefreshLeavesTheStaleValueAndPauses() {
    ComputedCache<String> cache =
        cache(
            EXACT
                .withTtl(Duration.ofSeconds(100))
                .withStaleFor(Duration.ofSeconds(100))
                .withFailurePause(Duration.ofHours(1)));
    cache.put("failing", "old");
    age(101);
    AtomicInteger tries = new AtomicInteger();
    CacheLoader<String> failing =
        () -> {
          tries.incrementAndGet();
          throw new IOException("down");
        };
    assertThat(cache.get("failing", failing)).isEqualTo("old");
    Eventually.holds("it was tried", () -> tries.get() == 1);
    Eventually.holds(
        "and given up", () -> sql("SELECT count(*) FROM $.cache_load").equals(List.of("0")));
    for (int i = 0; i < 5; i++) {
      assertThat(cache.get("failing", failing)).isEqualTo("old");
    }
    assertThat(tries).hasValue(1);
  }

  @Test
  void failureOfTheLoaderIsTheCauseAndStoresNothing() {
    ComputedCache<String> cache = cache(EXACT);
    IOException down = new IOException("down");
    assertThatThrownBy(() ->
            cache.get(
                "k",
                () -> {
                  throw down;
                }))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOAD_FAILED))
        .hasCause(down)
        .hasMessageContaining("'k'");
    assertThat(cache.get("k", this::compute)).as("at once, before a lease ends").isEqualTo("v1");
    assertThat(cache.stats().loadFailures()).isEqualTo(1);
  }

  @Test
  void evictionsByKeyTagAndAll() {
    ComputedCache<String> cache = cache(EXACT);
    assertThat(cache.tagged("even", "all").get("2", this::compute)).isEqualTo("v1");
    assertThat(cache.tagged("odd", "all").get("3", this::compute)).isEqualTo("v2");
    cache.put("4", "four");
    assertThat(cache.evict("none")).isFalse();
    assertThat(cache.evict("4")).isTrue();
    assertThat(cache.evict("4")).isFalse();
    assertThat(cache.getIfPresent("4")).isEmpty();
    cache.evictTag("even");
    assertThat(cache.getAllPresent(List.of("2", "3"))).isEqualTo(Map.of("3", "v2"));
    howdah.cache("other", String.class).put("3", "elsewhere");
    howdah.cache("other", String.class).evictTag("odd");
    assertThat(cache.getIfPresent("3")).contains("v2");
    assertThat(cache.tagged("odd").get("3", this::compute)).isEqualTo("v2");
    cache.clear();
    assertThat(cache.getIfPresent("3")).isEmpty();
    assertThat(howdah.cache("other", String.class).getIfPresent("3")).contains("elsewhere");
    cache.put("3", "again");
    cache.put("5", "five");
    assertThat(cache.getIfPresent("3")).contains("again");
    cache.evictAll(List.of("3", "5", "3"));
    assertThat(cache.getAllPresent(List.of("3", "5"))).isEmpty();
  }

  @Test
  void computationThatBeganBeforeAnEvictionIsNotStored() {
    ComputedCache<String> cache = cache(EXACT);
    assertThat(
            cache.get(
                "k",
                () -> {
                  cache.evict("k");
                  return "old";
                }))
        .isEqualTo("old");
    assertThat(cache.getIfPresent("k")).isEmpty();
    assertThat(
            cache
                .tagged("t")
                .get(
                    "k",
                    () -> {
                      cache.evictTag("t");
                      return "old";
                    }))
        .isEqualTo("old");
    assertThat(cache.getIfPresent("k")).isEmpty();
    assertThat(
            cache.get(
                "k",
                () -> {
                  cache.put("k", "put");
                  return "old";
                }))
        .isEqualTo("old");
    assertThat(cache.getIfPresent("k")).contains("put");
    assertThat(cache.stats().unstored()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void whoComesAfterAnEvictionDoesNotWaitForAComputationFromBefore() throws Exception {
    ComputedCache<String> cache = cache(EXACT);
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    CompletableFuture<String> old =
        CompletableFuture.supplyAsync(
            () ->
                cache.get(
                    "k",
                    () -> {
                      began.countDown();
                      assertThat(mayEnd.await(30, TimeUnit.SECONDS)).isTrue();
                      return "old";
                    }),
            task -> new Thread(task, "old").start());
    assertThat(began.await(30, TimeUnit.SECONDS)).isTrue();
    // As another process would.
    run("SELECT $.cache_evict_tag('c', 'none')");
    assertThat(sql("SELECT $.cache_evict('c', 'k')")).containsExactly("f");
    try (Howdah second = TestPostgres.builder().schema(schema).sweeper(false).open()) {
      assertThat(second.cache("c", String.class, EXACT).get("k", () -> "new")).isEqualTo("new");
    }
    mayEnd.countDown();
    assertThat(old.get(30, TimeUnit.SECONDS)).isEqualTo("old");
    assertThat(cache.getIfPresent("k")).contains("new");
  }

  @Test
  void evictionIsPartOfItsTransaction() throws Exception {
    ComputedCache<String> cache = cache(EXACT);
    assertThat(cache.tagged("t").get("k", this::compute)).isEqualTo("v1");
    for (boolean commits : new boolean[] {false, true}) {
      try (Connection connection = connect()) {
        connection.setAutoCommit(false);
        ComputedCache<String> inside = howdah.on(connection).cache("c", String.class, EXACT);
        assertThat(inside.getIfPresent("k")).contains("v1");
        inside.evictTag("t");
        assertThat(inside.getIfPresent("k")).as("its own at once").isEmpty();
        assertThat(cache.getIfPresent("k")).as("others when it commits").contains("v1");
        if (commits) {
          connection.commit();
        } else {
          connection.rollback();
        }
      }
      assertThat(cache.getIfPresent("k").isPresent()).isNotEqualTo(commits);
    }
  }

  @Test
  void evictionsWaitForNobodyAndNobodyForThem() throws Exception {
    ComputedCache<String> cache = cache(EXACT);
    cache.put("k", "old");
    try (Connection first = connect();
        Connection second = connect()) {
      first.setAutoCommit(false);
      second.setAutoCommit(false);
      assertThat(howdah.on(first).cache("c", String.class).evict("k")).isTrue();
      assertThat(howdah.on(second).cache("c", String.class).evict("k")).isTrue();
      assertThat(cache.evict("k")).isTrue();
      assertThat(cache.get("k", this::compute)).isEqualTo("v1");
      second.commit();
      assertThat(cache.get("k", this::compute)).as("after the second").isEqualTo("v2");
      first.commit();
      assertThat(cache.get("k", this::compute)).as("after the first").isEqualTo("v3");
      assertThat(cache.get("k", this::compute)).isEqualTo("v3");
    }
  }

  @Test
  void ofPutsAndEvictionsOfOneTransactionTheLastCounts() throws Exception {
    ComputedCache<String> cache = cache(EXACT);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      ComputedCache<String> inside = howdah.on(connection).cache("c", String.class, EXACT);
      inside.put("k", "one");
      inside.evict("k");
      assertThat(inside.getIfPresent("k")).isEmpty();
      inside.put("k", "two");
      assertThat(inside.getIfPresent("k")).contains("two");
      inside.tagged("t").put("l", "three");
      inside.evictTag("t");
      assertThat(cache.getIfPresent("k")).isEmpty();
      connection.commit();
    }
    assertThat(cache.getIfPresent("k")).contains("two");
    assertThat(cache.getIfPresent("l")).isEmpty();
  }

  @Test
  void putBeforeAnEvictionThatCommitsFirstIsEvicted() throws Exception {
    ComputedCache<String> cache = cache(EXACT);
    try (Connection putting = connect();
        Connection evicting = connect()) {
      putting.setAutoCommit(false);
      evicting.setAutoCommit(false);
      howdah.on(putting).cache("c", String.class).tagged("t").put("k", "from old data");
      howdah.on(evicting).cache("c", String.class).evictTag("t");
      evicting.commit();
      putting.commit();
    }
    assertThat(cache.getIfPresent("k")).isEmpty();
  }

  @Test
  void missInATransactionIsComputedAndNotStored() throws Exception {
    ComputedCache<String> cache = cache(EXACT);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      ComputedCache<String> inside = howdah.on(connection).cache("c", String.class, EXACT);
      assertThat(inside.get("k", this::compute)).isEqualTo("v1");
      assertThat(inside.getAll(List.of("a", "b"), keys -> Map.of("a", "x")))
          .isEqualTo(Map.of("a", "x"));
      connection.commit();
    }
    assertThat(cache.getAllPresent(List.of("k", "a", "b"))).isEmpty();
  }

  @Test
  void putAboveReadCommittedConflictsWithTheSweeperOnly() throws Exception {
    ComputedCache<String> cache = cache(EXACT);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      howdah.on(connection).cache("c", String.class, EXACT).put("k", "v");
      connection.commit();
      assertThat(cache.getIfPresent("k")).contains("v");
      assertThat(sql(connection, "SELECT 1")).containsExactly("1");
      run("UPDATE $.cache_upkeep SET removable_below = '1'");
      assertThatThrownBy(() -> howdah.on(connection).cache("c", String.class, EXACT).put("k", "w"))
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
      connection.rollback();
    }
  }

  @Test
  void loadThatItsOwnTransactionEvictsIsNotStored() throws Exception {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      assertThat(sql(connection, "SELECT pg_current_xact_id()")).hasSize(1);
      // A younger transaction ends first, so the snapshot of the load reaches beyond its own.
      run("CREATE TABLE IF NOT EXISTS $.other (n int)");
      String token = sql(connection, "SELECT $.cache_load_begin('c', 'k', '10 s')").get(0);
      assertThat(sql(connection, "SELECT $.cache_evict('c', 'k')")).containsExactly("f");
      connection.commit();
      assertThat(sql("SELECT $.cache_load_end('c', 'k', ?::uuid, '1', '1 minute')", token))
          .containsExactly("f");
    }
  }

  /**
   * Who comes after the change has committed, while the statement that stores is on its way back.
   */
  @Test
  void whoComesAfterAnEvictionDoesNotJoinWhoHasStoredBefore() throws Exception {
    ComputedCache<String> cache = cache(EXACT);
    run(
        "CREATE OR REPLACE FUNCTION $.slow_commit() RETURNS trigger LANGUAGE plpgsql AS"
            + " 'BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END'");
    run(
        "CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT OR UPDATE ON $.cache_entry DEFERRABLE"
            + " INITIALLY DEFERRED FOR EACH ROW WHEN (new.key = 'slow') EXECUTE FUNCTION $.slow_commit()");
    try (Connection holding = connect()) {
      holding.setAutoCommit(false);
      assertThat(sql(holding, "SELECT pg_advisory_xact_lock(4711)")).hasSize(1);
      AtomicReference<String> first = new AtomicReference<>();
      AtomicReference<String> second = new AtomicReference<>();
      Thread storing = new Thread(() -> first.set(cache.get("slow", () -> "old")));
      storing.start();
      while (sql("SELECT 1 FROM pg_locks WHERE objid = 4711 AND NOT granted").isEmpty()) {
        Thread.onSpinWait();
      }
      assertThat(sql("SELECT $.cache_evict('c', 'slow')")).containsExactly("f");
      long misses = cache.stats().misses();
      Thread late = new Thread(() -> second.set(cache.get("slow", () -> "new")));
      late.start();
      while (cache.stats().misses() == misses || late.getState() == Thread.State.NEW) {
        Thread.onSpinWait();
      }
      for (int i = 0; i < 5; i++) {
        assertThat(sql("SELECT 1")).hasSize(1);
      }
      holding.rollback();
      storing.join();
      late.join();
      assertThat(first).hasValue("old");
      assertThat(second).hasValue("new");
      // Empty where the claim waited for the row of the one before: it had not seen what that one
      // stored, and so does not replace it.
      assertThat(cache.getIfPresent("slow")).isNotEqualTo(Optional.of("old"));
      assertThat(cache.get("slow", () -> "new")).isEqualTo("new");
      assertThat(cache.getIfPresent("slow")).contains("new");
    } finally {
      run("DROP FUNCTION $.slow_commit() CASCADE");
    }
  }

  @Test
  void severalValuesAreComputedTogether() {
    ComputedCache<String> cache = cache(EXACT);
    cache.put("a", "A");
    List<Set<String>> asked = new ArrayList<>();
    BulkLoader<String> loader =
        keys -> {
          asked.add(keys);
          Map<String, String> values = new HashMap<>();
          keys.stream()
              .filter(key -> !key.equals("none"))
              .forEach(key -> values.put(key, key + key));
          values.put("unasked", "x");
          return values;
        };
    assertThat(cache.getAll(List.of("c", "a", "none", "b", "c"), loader))
        .containsExactly(Map.entry("c", "cc"), Map.entry("a", "A"), Map.entry("b", "bb"));
    assertThat(asked).containsExactly(Set.of("b", "c", "none"));
    assertThat(cache.getAll(List.of("a", "b", "c", "none"), loader)).hasSize(3);
    assertThat(asked).hasSize(1);
    assertThat(cache.getIfPresent("unasked")).isEmpty();
    assertThat(sql("SELECT count(*) FROM $.cache_load")).containsExactly("0");
  }

  @Test
  void loadOfAProcessThatIsGoneIsTakenOver() {
    ComputedCache<String> cache = cache(EXACT);
    assertThat(sql("SELECT $.cache_load_begin('c', 'k', '1 hour') IS NOT NULL"))
        .containsExactly("t");
    assertThat(cache.async().getIfPresent("k").toCompletableFuture().join()).isEmpty();
    CompletableFuture<String> waiting =
        CompletableFuture.supplyAsync(
            () -> cache.get("k", this::compute), task -> new Thread(task, "waiting").start());
    Eventually.holds("it waits", () -> cache.stats().waits() > 0);
    assertThat(computed).hasValue(0);
    run("UPDATE $.cache_load SET expires_at = now()");
    assertThat(waiting.join()).isEqualTo("v1");
    assertThat(cache.getIfPresent("k")).contains("v1");
  }

  @Test
  void whoHasWaitedLongEnoughComputesForItself() {
    ComputedCache<String> cache = cache(EXACT.withMaxWait(Duration.ZERO));
    assertThat(sql("SELECT $.cache_load_begin('c', 'k', '1 hour') IS NOT NULL"))
        .containsExactly("t");
    assertThat(cache.get("k", this::compute)).isEqualTo("v1");
    assertThat(cache.getIfPresent("k")).isEmpty();
  }

  @Test
  void longComputationKeepsItsLease() {
    ComputedCache<String> cache = cache(EXACT.withLease(Duration.ofSeconds(3)));
    AtomicBoolean renewed = new AtomicBoolean();
    assertThat(
            cache.get(
                "k",
                () -> {
                  String first = sql("SELECT expires_at FROM $.cache_load").get(0);
                  Eventually.holds(
                      "it is renewed",
                      () -> !sql("SELECT expires_at FROM $.cache_load").get(0).equals(first));
                  renewed.set(true);
                  return compute();
                }))
        .isEqualTo("v1");
    assertThat(renewed).isTrue();
    assertThat(cache.getIfPresent("k")).contains("v1");
  }

  @Test
  void otherLanguagesLoadBySql() {
    assertThat(sql("SELECT count(*) FROM $.cache_get('c', 'k')")).containsExactly("0");
    String token = sql("SELECT $.cache_load_begin('c', 'k')").get(0);
    assertThat(sql("SELECT $.cache_load_begin('c', 'k')")).containsExactly((String) null);
    assertThat(
            sql(
                "SELECT $.cache_load_end('c', 'k', ?::uuid, '\"v\"', '1 hour', tags => '{t}')",
                token))
        .containsExactly("t");
    assertThat(sql("SELECT value::text || ' ' || stale FROM $.cache_get('c', 'k')"))
        .containsExactly("\"v\" false");
    assertThat(sql("SELECT $.cache_load_begin('c', 'k') IS NULL")).as("fresh").containsExactly("t");
    run("SELECT $.cache_evict_tag('c', 't')");
    token = sql("SELECT $.cache_load_begin('c', 'k')").get(0);
    assertThat(sql("SELECT $.cache_load_abandon('c', 'k', ?::uuid)", token)).containsExactly("t");
    assertThat(sql("SELECT $.cache_load_end('c', 'k', ?::uuid, '1', '1 hour')", token))
        .containsExactly("f");
    run("SELECT $.cache_put('c', 'm', '{\"a\": 1}', '1 hour')");
    run("SELECT $.cache_put_bytes('c', 'n', '\\x00', '1 hour')");
    assertThat(
            sql(
                "SELECT key || value::text || stale FROM $.cache_get_many('c', '{m, m, none}') ORDER BY key"))
        .containsExactly("m{\"a\": 1}false");
    assertThat(cache(EXACT).evict("m")).isTrue();
  }

  @Test
  void boundsAreListed() {
    Caches caches = howdah.caches();
    caches.limitEntries("bounded", 100);
    caches.limitBytes("bounded", 1_000);
    assertThat(caches.list())
        .contains(
            new CacheInfo("bounded", 0, 0, OptionalLong.empty(), OptionalLong.of(1_000), 0, false));
    caches.limit("bounded", OptionalLong.of(5), OptionalLong.of(6));
    assertThat(caches.list())
        .contains(new CacheInfo("bounded", 0, 0, OptionalLong.of(5), OptionalLong.of(6), 0, false));
    caches.limit("bounded", OptionalLong.empty(), OptionalLong.empty());
    assertThat(caches.list()).extracting(CacheInfo::name).doesNotContain("bounded");
    assertThatThrownBy(() -> caches.limitEntries("bounded", 0))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessage("maxEntries: 1 or more expected, got 0");
  }

  @Test
  void asyncTwinsDoTheSame() {
    ComputedCache<String> cache = cache(EXACT);
    AsyncComputedCache<String> async = cache.async();
    async.put("k", "v").toCompletableFuture().join();
    assertThat(async.getIfPresent("k").toCompletableFuture().join()).contains("v");
    assertThat(async.evict("k").toCompletableFuture().join()).isTrue();
    assertThat(async.getIfPresent("k").toCompletableFuture().join()).isEmpty();
    cache.tagged("t").put("k", "w");
    async.evictTag("t").toCompletableFuture().join();
    assertThat(cache.getIfPresent("k")).isEmpty();
    cache.put("k", "x");
    async.clear().toCompletableFuture().join();
    assertThat(cache.getIfPresent("k")).isEmpty();
  }

  @Test
  void textsOfAnyKindAreKeys() {
    ComputedCache<String> cache = cache(EXACT);
    List<String> keys = List.of("a b", "ü\u0001", "'; DROP", "k".repeat(1024), "😀");
    keys.forEach(key -> cache.put(key, key));
    assertThat(cache.getAllPresent(keys)).hasSize(keys.size());
  }
}
