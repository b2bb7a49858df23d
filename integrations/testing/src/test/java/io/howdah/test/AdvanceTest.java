package io.howdah.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.ManagedTransactions;
import io.howdah.TestAccess;
import io.howdah.Transaction;
import io.howdah.cache.CacheSettings;
import io.howdah.cache.ComputedCache;
import io.howdah.job.JobOptions;
import io.howdah.job.Jobs;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.NamespaceSettings;
import io.howdah.lock.HeldLock;
import io.howdah.near.NearSettings;
import io.howdah.ratelimit.Decision;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.howdah.session.SessionRequest;
import io.howdah.session.SessionSettings;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Time passes at once, for every workload. */
class AdvanceTest {
  @RegisterExtension
  static final HowdahExtension HOWDAH =
      HowdahExtension.on(() -> HowdahPostgres.at(TestPostgres.url()));

  private static final Duration TEN = Duration.ofMinutes(10);
  private static final Duration TWENTY = Duration.ofMinutes(20);
  private static final Duration ELEVEN = Duration.ofMinutes(11);

  private final Howdah howdah;
  private final HowdahTesting testing;

  AdvanceTest(Howdah howdah, HowdahTesting testing) {
    this.howdah = howdah;
    this.testing = testing;
  }

  @Test
  void valuesOfAllLevelsHaveSoMuchLessToLive() {
    howdah.namespaces().create("durable", NamespaceSettings.of(Durability.DURABLE));
    howdah.namespaces().create("document", NamespaceSettings.of(Durability.DURABLE).asSearchable());
    for (String namespace : List.of("ephemeral", "durable", "document")) {
      KeyValueStore<String> store = howdah.kv(namespace, String.class);
      store.set("short", "v", TEN);
      store.set("long", "v", TWENTY);
      long version = store.set("endless", "v");
      testing.advance(ELEVEN);
      assertThat(store.get("short")).as(namespace).isEmpty();
      assertThat(store.get("long")).as(namespace).contains("v");
      assertThat(store.timeToLive("long").orElseThrow())
          .isBetween(Duration.ofMinutes(8), Duration.ofMinutes(9));
      assertThat(store.getEntry("endless").orElseThrow().version()).isEqualTo(version);
      testing.advance(TEN);
      assertThat(store.get("long")).as(namespace).isEmpty();
      assertThat(store.get("endless")).as(namespace).contains("v");
    }
  }

  @Test
  void nearCachesDoNotKeepWhatIsDead() {
    KeyValueStore<String> near = howdah.kv("near", String.class).near(NearSettings.defaults());
    near.set("k", "v", TEN);
    assertThat(near.get("k")).contains("v");
    assertThat(near.get("k")).contains("v");
    testing.advance(ELEVEN);
    assertThat(near.get("k")).isEmpty();
  }

  @Test
  void sessionsEndWhenTheyAreIdleOrOld() {
    SessionSettings before = howdah.sessions().settings();
    assertThat(howdah.sessions().configure(before.keepingEvents(Duration.ofHours(1)))).isTrue();
    String idle = howdah.sessions().create(SessionRequest.of("u").withIdle(TEN)).token();
    String used =
        howdah
            .sessions()
            .create(SessionRequest.of("u").withIdle(TWENTY).withLifetime(Duration.ofMinutes(25)))
            .token();
    testing.advance(ELEVEN);
    assertThat(howdah.sessions().get(idle)).isEmpty();
    assertThat(howdah.sessions().touch(used)).isPresent();
    testing.advance(ELEVEN);
    assertThat(howdah.sessions().touch(used)).isPresent();
    testing.advance(Duration.ofMinutes(4));
    assertThat(howdah.sessions().get(used)).isEmpty();
  }

  @Test
  void tokensExpire() {
    String token = howdah.tokens().issue("reset", "u", TEN).token();
    String later = howdah.tokens().issue("reset", "u", TWENTY).token();
    testing.advance(ELEVEN);
    assertThat(howdah.tokens().consume("reset", token)).isEmpty();
    assertThat(howdah.tokens().consume("reset", later)).isPresent();
  }

  @Test
  void cachedValuesBecomeStaleAndExpire() {
    ComputedCache<String> cache =
        howdah.cache(
            "reports",
            String.class,
            CacheSettings.defaults().withTtl(TEN).withStaleFor(TEN).withJitter(0));
    cache.put("k", "v");
    assertThat(cache.getEntry("k").orElseThrow().isStale()).isFalse();
    testing.advance(ELEVEN);
    assertThat(cache.getEntry("k").orElseThrow().isStale()).isTrue();
    testing.advance(TEN);
    assertThat(cache.getIfPresent("k")).isEmpty();
  }

  @Test
  void tokenBucketsRefill() {
    RateLimiter limiter = howdah.rateLimiter("bucket", RateLimit.of(1, TWENTY));
    assertThat(limiter.acquire("k").allowed()).isTrue();
    assertThat(limiter.acquire("k").allowed()).isFalse();
    testing.advance(ELEVEN);
    assertThat(limiter.acquire("k").retryAfter())
        .isBetween(Duration.ofMinutes(8), Duration.ofMinutes(9));
    testing.advance(TEN);
    assertThat(limiter.acquire("k").allowed()).isTrue();
  }

  /** In steps too, because windows follow a clock that stays where it is. */
  @Test
  void windowsPass() {
    Duration day = Duration.ofDays(1);
    for (RateLimit limit :
        List.of(RateLimit.of(10, day).fixedWindow(), RateLimit.of(10, day).slidingWindow())) {
      RateLimiter limiter = howdah.rateLimiter("window" + limit.hashCode(), limit);
      assertThat(limiter.acquire("k", 10).allowed()).isTrue();
      Duration retry = limiter.acquire("k").retryAfter();
      testing.advance(retry.multipliedBy(2).dividedBy(5));
      assertThat(limiter.acquire("k").allowed()).as("%s", limit).isFalse();
      testing.advance(retry.multipliedBy(2).dividedBy(5));
      assertThat(limiter.acquire("k").allowed()).as("%s", limit).isFalse();
      testing.advance(retry.multipliedBy(2).dividedBy(5));
      assertThat(limiter.acquire("k").allowed()).as("%s", limit).isTrue();
    }
  }

  @Test
  void slidingWindowLetsTheOneBeforeSlideOut() {
    Duration day = Duration.ofDays(1);
    RateLimiter limiter = howdah.rateLimiter("sliding", RateLimit.of(100, day).slidingWindow());
    assertThat(limiter.acquire("k", 100).allowed()).isTrue();
    // Into the middle of the next window, as it is seen from here: half of the calls are in sight.
    testing.advance(limiter.acquire("k").resetAfter().minus(day.dividedBy(2)));
    assertThat(limiter.peek("k").orElseThrow().remaining()).isBetween(49L, 51L);
    testing.advance(day.dividedBy(4));
    assertThat(limiter.peek("k").orElseThrow().remaining()).isBetween(74L, 76L);
    testing.advance(day.dividedBy(4).plusMinutes(1));
    assertThat(limiter.acquire("k", 100).allowed()).isTrue();
  }

  @Test
  void locksEnd() {
    HeldLock lock = howdah.locks().tryAcquire("l", TEN).orElseThrow();
    testing.advance(Duration.ofMinutes(9));
    assertThat(howdah.locks().tryAcquire("l", TEN)).isEmpty();
    testing.advance(Duration.ofMinutes(2));
    HeldLock next = howdah.locks().tryAcquire("l", TEN).orElseThrow();
    assertThat(next.token()).isGreaterThan(lock.token());
    assertThat(lock.renew(TEN)).isFalse();
    assertThat(lock.isHeld()).isFalse();
  }

  @Test
  void jobsBecomeDueAndLeasesEnd() {
    Jobs jobs = howdah.jobs();
    assertThat(howdah.jobs("mail", String.class).enqueue("hello", JobOptions.defaults().delay(TEN)))
        .isPresent();
    assertThat(jobs.take("mail", 1, TEN, "w1")).isEmpty();
    testing.advance(ELEVEN);
    assertThat(jobs.take("mail", 1, TEN, "w1")).hasSize(1);
    assertThat(jobs.take("mail", 1, TEN, "w2")).isEmpty();
    testing.advance(ELEVEN);
    assertThat(jobs.take("mail", 1, TEN, "w2"))
        .singleElement()
        .satisfies(job -> assertThat(job.attempt()).isEqualTo(2));
  }

  @Test
  void keptMessagesAreKeptAsLongAsTheirChannelSays() {
    assertThat(howdah.channels().retain("orders", TEN)).isTrue();
    String start = howdah.channels().now("orders");
    howdah.channels().publish("orders", "1");
    testing.advance(Duration.ofMinutes(9));
    sweepAll();
    assertThat(howdah.channels().read("orders", start, 10)).hasSize(1);
    testing.advance(Duration.ofMinutes(2));
    sweepAll();
    assertThatThrownBy(() -> howdah.channels().read("orders", start, 10))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MESSAGES_LOST));
  }

  @Test
  void sweeperRemovesWhatIsDead(DataSource database) throws SQLException {
    howdah.kv("swept", String.class).set("k", "v", TEN);
    sweepAll();
    testing.advance(ELEVEN);
    sweepAll();
    assertThat(
            strings(
                database,
                "SELECT count(*) FROM " + schema() + ".kv_ephemeral WHERE namespace = 'swept'"))
        .containsExactly("0");
  }

  private void sweepAll() {
    while (!howdah.sweep().isDone()) {
      assertThat(howdah.health()).isNotNull();
    }
  }

  /** As a framework binds one to a thread; here there is one thread. */
  private static final class OneTransaction implements ManagedTransactions {
    private @Nullable Transaction open;

    @Override
    public @Nullable Transaction current(Function<Connection, Transaction> join) {
      return open;
    }

    @Override
    public <R> R run(Function<Connection, Transaction> join, Function<Transaction, R> work) {
      if (open != null) {
        return work.apply(open);
      }
      try (Connection connection = TestPostgres.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        Transaction begun = join.apply(connection);
        open = begun;
        R result = work.apply(begun);
        connection.rollback();
        open = null;
        begun.ended(false);
        return result;
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void inATransactionItsOwnChangesBecomeOlderUntilItIsRolledBack() {
    howdah.kv("joined", String.class).set("before", "v", TEN);
    try (Howdah joining =
        Howdah.builder(TestPostgres.dataSource())
            .schema(schema())
            .sweeper(false)
            .transactions(new OneTransaction())
            .open()) {
      HowdahTesting inside = HowdahTesting.of(joining);
      KeyValueStore<String> store = joining.kv("joined", String.class);
      joining.transaction(tx -> {
        store.set("k", "v", TEN);
        inside.advance(ELEVEN);
        assertThat(store.get("k")).isEmpty();
        assertThat(store.get("before")).isEmpty();
      });
      assertThat(store.get("before")).contains("v");
    }
  }

  @Test
  void limiterThatIsClosedAfterAWipeOpensWhenItsPeriodIsOver() {
    RateLimiter closed = howdah.rateLimiter("closed", RateLimit.of(5, TWENTY)).closedAfterWipe();
    testing.simulateWipe();
    assertThat(closed.acquire("k").source()).isEqualTo(Decision.Source.WIPE);
    testing.advance(ELEVEN);
    assertThat(closed.acquire("k").allowed()).isFalse();
    testing.advance(TEN);
    assertThat(closed.acquire("k").allowed()).isTrue();
  }

  @Test
  void timeDoesNotGoBackOrStand() {
    for (Duration time : List.of(Duration.ZERO, Duration.ofMinutes(-1), Duration.ofDays(36_501))) {
      assertThatThrownBy(() -> testing.advance(time))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("time: 1 microsecond to 36500 days expected");
    }
  }

  @Test
  void rowThatATransactionHoldsKeepsItFromAdvancing(DataSource database) throws SQLException {
    howdah.kv("held", String.class).set("k", "v", TEN);
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      String table = schema() + ".kv_ephemeral";
      assertThat(statement.executeUpdate("DELETE FROM " + table + " WHERE namespace = 'held'"))
          .isEqualTo(1);
      assertThatThrownBy(() -> testing.advance(ELEVEN))
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOCKED));
      connection.rollback();
    }
    assertThat(howdah.kv("held", String.class).get("k")).contains("v");
  }

  /** A new table is not forgotten. */
  @Test
  void everyTimeThatIsStoredIsEitherMovedOrLeftOnPurpose(DataSource database) throws SQLException {
    Set<String> stored =
        new TreeSet<>(
            strings(
                database,
                "SELECT c.table_name || '.' || c.column_name FROM information_schema.columns AS c"
                    + " JOIN information_schema.tables AS t USING (table_schema, table_name)"
                    + " WHERE t.table_type = 'BASE TABLE' AND c.data_type = 'timestamp with time zone'"
                    + " AND c.table_schema = '"
                    + schema()
                    + "'"));
    Set<String> left =
        Set.of(
            "schema_version.applied_at",
            "namespace.created_at",
            "wipe_marker.began_at",
            "config_change.changed_at",
            "flag.created_at",
            "flag.updated_at",
            "flag_change.changed_at",
            "flag_revision.changed_at");
    assertThat(stored).containsAll(left).hasSizeGreaterThan(40);
    stored.removeAll(left);
    Map<String, String> scripts =
        Map.of(
            "advance", Scripts.read("advance"), "advance_limits", Scripts.read("advance_limits"));
    for (String column : stored) {
      String table = column.substring(0, column.indexOf('.'));
      String name = column.substring(column.indexOf('.') + 1);
      assertThat(scripts.values())
          .as(column)
          .anyMatch(script ->
              script.matches(
                  "(?s).*UPDATE \\$\\{schema}\\."
                      + table
                      + "\\b[^;]*\\b"
                      + name
                      + " = (r\\.)?"
                      + name
                      + " - .*"));
    }
  }

  private String schema() {
    return TestAccess.of(howdah).schema();
  }

  private static List<String> strings(DataSource database, String sql) throws SQLException {
    List<String> strings = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        strings.add(rows.getString(1));
      }
    }
    return strings;
  }
}
