package io.howdah.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the sweeper removes of caches, and what it must not. */
@Timeout(120)
class CacheSweepTest extends HowdahTest {
  private static final CacheSettings EXACT = CacheSettings.defaults().withJitter(0);

  @BeforeEach
  void empty() {
    for (String statement :
        List.of(
            "DELETE FROM $.cache_entry",
            "DELETE FROM $.cache_load",
            "DELETE FROM $.cache_eviction",
            "DELETE FROM $.cache",
            "UPDATE $.cache_upkeep SET turn_below = NULL, turn_from = NULL, turn_began_at = NULL, turn_pages = NULL")) {
      assertThat(sql(statement)).isEmpty();
    }
  }

  private ComputedCache<String> cache() {
    return howdah.cache("c", String.class, EXACT);
  }

  private void turn() {
    while (!howdah.sweep().isDone()) {
      Thread.onSpinWait();
    }
  }

  /** As many turns as an eviction can take that nothing holds back. */
  private void turns() {
    for (int i = 0; i < 8; i++) {
      turn();
    }
  }

  private long count(String table) {
    return Long.parseLong(sql("SELECT count(*) FROM $." + table).get(0));
  }

  @Test
  void deadAndEvictedEntriesGoAndThenTheirEvictions() {
    ComputedCache<String> cache = cache();
    for (int i = 0; i < 50; i++) {
      cache.tagged("t" + i % 5).put("k" + i, "v");
    }
    cache.put("dead", "v", Duration.ofSeconds(10));
    cache.put("alive", "v");
    assertThat(
            sql(
                "UPDATE $.cache_entry SET fresh_until = fresh_until - interval '10 s', expires_at = expires_at - interval '10 s'"
                    + " WHERE key = 'dead'"))
        .isEmpty();
    cache.evictTag("t1");
    cache.evict("k0");
    turns();
    assertThat(count("cache_entry")).isEqualTo(40);
    assertThat(count("cache_eviction")).isZero();
    assertThat(cache.getAllPresent(List.of("alive", "k2", "k0", "k1", "dead")))
        .containsOnlyKeys("alive", "k2");
  }

  @Test
  void evictionStaysWhileAComputationMayStoreWhatIsOlder() throws Exception {
    ComputedCache<String> cache = cache();
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    AtomicReference<String> computed = new AtomicReference<>();
    Thread loading =
        new Thread(() ->
            computed.set(
                cache
                    .tagged("t")
                    .get(
                        "k",
                        () -> {
                          began.countDown();
                          assertThat(mayEnd.await(60, TimeUnit.SECONDS)).isTrue();
                          return "old";
                        })));
    loading.start();
    assertThat(began.await(60, TimeUnit.SECONDS)).isTrue();
    cache.evictTag("t");
    turns();
    assertThat(count("cache_eviction")).isEqualTo(1);
    mayEnd.countDown();
    loading.join();
    assertThat(computed).hasValue("old");
    assertThat(cache.getIfPresent("k")).isEmpty();
    turns();
    assertThat(count("cache_eviction")).isZero();
    assertThat(cache.getIfPresent("k")).isEmpty();
  }

  @Test
  void evictionStaysWhileAPutFromBeforeMayCommit() throws Exception {
    ComputedCache<String> cache = cache();
    try (Connection putting = connect()) {
      putting.setAutoCommit(false);
      howdah.on(putting).cache("c", String.class, EXACT).tagged("t").put("k", "old");
      cache.evictTag("t");
      turns();
      assertThat(count("cache_eviction")).isEqualTo(1);
      putting.commit();
    }
    assertThat(cache.getIfPresent("k")).isEmpty();
    turns();
    assertThat(count("cache_eviction")).isZero();
    assertThat(cache.getIfPresent("k")).isEmpty();
  }

  @Test
  void evictionStaysWhileSomebodyHoldsAnEntryThatItConcerns() throws SQLException {
    ComputedCache<String> cache = cache();
    cache.tagged("t").put("k", "old");
    turns();
    try (Connection holding = connect()) {
      holding.setAutoCommit(false);
      // It is replaced, and that is undone: then the old one is back.
      howdah.on(holding).cache("c", String.class, EXACT).put("k", "new");
      cache.evictTag("t");
      turns();
      assertThat(count("cache_eviction")).isEqualTo(1);
      holding.rollback();
    }
    assertThat(cache.getIfPresent("k")).isEmpty();
    turns();
    assertThat(count("cache_eviction")).isZero();
    assertThat(count("cache_entry")).isZero();
  }

  /** As after a restore into a cluster whose transaction numbers are smaller. */
  @Test
  void evictionStaysWhereWhatIsRemovableIsKnownFromAnotherCluster() throws SQLException {
    assertThat(sql("UPDATE $.cache_upkeep SET removable_below = '9000000000000'")).isEmpty();
    evictionStaysWhileSomebodyHoldsAnEntryThatItConcerns();
  }

  @Test
  void sweeperDoesNotWaitForAPutAboveReadCommitted() throws SQLException {
    ComputedCache<String> cache = cache();
    cache.tagged("t").put("k", "old");
    try (Connection holding = connect()) {
      holding.setAutoCommit(false);
      holding.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      howdah.on(holding).cache("c", String.class, EXACT).put("k", "new");
      cache.evictTag("t");
      assertThat(
              sql(
                  "UPDATE $.cache_upkeep SET turn_below = '1', turn_from = '1', turn_began_at = '-infinity', turn_pages = 1000000"))
          .isEmpty();
      turns();
      assertThat(count("cache_eviction WHERE scope = $._cache_scope('c', 't', 't')")).isEqualTo(1);
      holding.rollback();
    }
    turns();
    assertThat(cache.getIfPresent("k")).isEmpty();
    assertThat(count("cache_eviction")).isZero();
  }

  /**
   * One step after the other in one transaction, in which everything else is older than the first.
   */
  @Test
  void stepsInOneTransactionWaitForThoseWhoWereThereBefore() throws SQLException {
    ComputedCache<String> cache = cache();
    try (Connection evicting = connect();
        Connection sweeping = connect();
        Connection putting = connect()) {
      evicting.setAutoCommit(false);
      sweeping.setAutoCommit(false);
      putting.setAutoCommit(false);
      howdah.on(evicting).cache("c", String.class, EXACT).evictTag("t");
      assertThat(sql(sweeping, "SELECT pg_current_xact_id()")).hasSize(1);
      howdah.on(putting).cache("c", String.class, EXACT).tagged("t").put("k", "old");
      evicting.commit();
      for (int i = 0; i < 3; i++) {
        assertThat(sql(sweeping, "SELECT $._cache_upkeep(clock_timestamp())")).hasSize(1);
      }
      sweeping.commit();
      turns();
      assertThat(count("cache_eviction")).isPositive();
      putting.commit();
    }
    assertThat(cache.getIfPresent("k")).isEmpty();
    turns();
    assertThat(cache.getIfPresent("k")).isEmpty();
    assertThat(count("cache_eviction")).isZero();
  }

  /** Also for evictions of a transaction that lasts: the older ones go, its own come later. */
  @Test
  void evictionOfAnOpenTransactionIsNotLost() throws SQLException {
    ComputedCache<String> cache = cache();
    try (Connection evicting = connect()) {
      evicting.setAutoCommit(false);
      howdah.on(evicting).cache("c", String.class, EXACT).evictTag("t");
      assertThat(cache.tagged("t").get("k", () -> "old")).isEqualTo("old");
      cache.evict("other");
      turns();
      evicting.commit();
    }
    assertThat(cache.getIfPresent("k")).isEmpty();
    turns();
    assertThat(cache.getIfPresent("k")).isEmpty();
    assertThat(count("cache_eviction")).isZero();
  }

  @Test
  void loadsThatNobodyEndsGo() {
    assertThat(sql("SELECT $.cache_load_begin('c', 'k', '1 hour') IS NOT NULL"))
        .containsExactly("t");
    turn();
    assertThat(count("cache_load")).isEqualTo(1);
    assertThat(sql("UPDATE $.cache_load SET expires_at = now()")).isEmpty();
    turn();
    assertThat(count("cache_load")).isZero();
  }

  @Test
  void cacheKeepsWithinItsBounds() {
    ComputedCache<String> cache = cache();
    howdah.caches().limitEntries("c", 100);
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < 400; i++) {
      values.put("k" + i, "v");
    }
    assertThat(cache.getAll(values.keySet(), missing -> values)).hasSize(400);
    howdah.cache("unbounded", String.class, EXACT).put("k", "v");
    assertThat(
            sql(
                "SELECT $.cache_mark('c', ARRAY(SELECT 'k' || i FROM generate_series(0, 399, 10) AS i))"))
        .hasSize(1);
    turns();
    assertThat(howdah.caches().list())
        .anySatisfy(info -> {
          assertThat(info.name()).isEqualTo("c");
          assertThat(info.entries()).isEqualTo(100);
          assertThat(info.bytes()).isBetween(10_000L, 20_000L);
          assertThat(info.evicted()).isEqualTo(300);
        });
    assertThat(howdah.cache("unbounded", String.class, EXACT).getIfPresent("k")).contains("v");
    long marked = 0;
    for (int i = 0; i < 400; i += 10) {
      marked += cache.getIfPresent("k" + i).isPresent() ? 1 : 0;
    }
    assertThat(marked).as("what was read stays").isEqualTo(40);
    howdah.caches().limitBytes("c", 5_000);
    turns();
    assertThat(count("cache_entry WHERE cache = 'c'")).isBetween(10L, 49L);
  }
}
