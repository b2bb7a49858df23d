package io.howdah.bucket4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TimeoutException;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.ManagedTransactions;
import io.howdah.Transaction;
import io.howdah.kv.NamespaceSettings;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Bucket4j's own tests, which know one process and no database, do not ask. */
@Timeout(120)
class HowdahProxyManagerTest extends HowdahTest {
  /** Transactions of a framework: of {@code howdah.transaction}, and nested ones join. */
  private static final class Framework implements ManagedTransactions {
    private static final ThreadLocal<Transaction> open = new ThreadLocal<>();

    @Override
    public Transaction current(Function<Connection, Transaction> join) {
      return open.get();
    }

    @Override
    public <R> R run(Function<Connection, Transaction> join, Function<Transaction, R> work) {
      if (open.get() != null) {
        return work.apply(open.get());
      }
      try (Connection connection = TestPostgres.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        Transaction transaction = join.apply(connection);
        open.set(transaction);
        boolean commits = false;
        try {
          R result = work.apply(transaction);
          commits = true;
          return result;
        } finally {
          open.remove();
          if (commits) {
            connection.commit();
          } else {
            connection.rollback();
          }
          transaction.ended(commits);
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Howdah otherHowdah;

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    // what is checked here is not how fast a busy machine answers
    return builder.transactions(new Framework()).callTimeout(Duration.ofMinutes(1));
  }

  @BeforeEach
  void openOther() {
    otherHowdah =
        configure(Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false)).open();
  }

  @AfterEach
  void closeOther() {
    otherHowdah.close();
  }

  /** Refilled once a day: whatever a test takes does not come back. */
  private static BucketConfiguration daily(long tokens) {
    return BucketConfiguration.builder()
        .addLimit(limit -> limit.capacity(tokens).refillIntervally(tokens, Duration.ofDays(1)))
        .build();
  }

  private static BucketProxy bucket(ProxyManager<String> manager, String key, long tokens) {
    return manager.getProxy(key, () -> daily(tokens));
  }

  private List<String> tables(String namespace) {
    return sql(
        "SELECT 'ephemeral' FROM $.kv_ephemeral WHERE namespace = ?"
            + " UNION ALL SELECT 'durable' FROM $.kv_durable WHERE namespace = ?",
        namespace,
        namespace);
  }

  @Test
  void twoProcessesTakeAsManyTokensAsThereAre() {
    List<ProxyManager<String>> managers =
        List.of(
            HowdahProxyManager.builder(howdah).namespace("shared").build(),
            HowdahProxyManager.builder(otherHowdah).namespace("shared").build());
    List<Integer> taken =
        Threads.run(
            8,
            thread -> {
              BucketProxy bucket = bucket(managers.get(thread % 2), "b", 100);
              int tokens = 0;
              for (int i = 0; i < 25; i++) {
                tokens += bucket.tryConsume(1) ? 1 : 0;
              }
              return tokens;
            });
    assertThat(taken.stream().mapToInt(tokens -> tokens).sum()).isEqualTo(100);
    assertThat(bucket(managers.get(0), "b", 100).getAvailableTokens()).isZero();
  }

  @Test
  void asynchronousCallsTakeAsManyTokensAsThereAre() {
    ProxyManager<String> manager = HowdahProxyManager.builder(howdah).namespace("async").build();
    List<CompletableFuture<Boolean>> calls =
        IntStream.range(0, 60)
            .mapToObj(i ->
                manager
                    .asAsync()
                    .getProxy("b", () -> CompletableFuture.completedFuture(daily(20)))
                    .tryConsume(1))
            .toList();
    assertThat(calls.stream().filter(CompletableFuture::join)).hasSize(20);
  }

  private static List<CompletableFuture<Boolean>> ask(ProxyManager<String> manager, int times) {
    return IntStream.range(0, times)
        .mapToObj(i ->
            manager
                .asAsync()
                .getProxy("b", () -> CompletableFuture.completedFuture(daily(1_000)))
                .tryConsume(1))
        .toList();
  }

  private void lockBucket(Connection holder, String namespace) throws SQLException {
    holder.setAutoCommit(false);
    assertThat(
            sql(holder, "SELECT key FROM $.kv_ephemeral WHERE namespace = ? FOR UPDATE", namespace))
        .hasSize(1);
  }

  @Test
  void requestsThatWaitForOneBucketGoAsOne() throws Exception {
    ProxyManager<String> manager = HowdahProxyManager.builder(howdah).namespace("together").build();
    BucketProxy bucket = bucket(manager, "b", 1_000);
    assertThat(bucket.tryConsume(1)).isTrue();
    long before;
    List<CompletableFuture<Boolean>> asked;
    try (Connection holder = connect()) {
      lockBucket(holder, "together");
      before = howdah.stats().engine().calls();
      asked = ask(manager, 300);
      holder.rollback();
    }
    assertThat(asked).allMatch(CompletableFuture::join);
    assertThat(howdah.stats().engine().calls() - before).isBetween(4L, 40L);
    assertThat(bucket.getAvailableTokens()).isEqualTo(699);
  }

  @Test
  void requestsThatWaitForOneBucketFailWithTheirOwn() throws Exception {
    ProxyManager<String> manager =
        HowdahProxyManager.builder(otherHowdah).namespace("failing").build();
    assertThat(bucket(manager, "b", 1_000).tryConsume(1)).isTrue();
    try (Connection holder = connect()) {
      lockBucket(holder, "failing");
      List<CompletableFuture<Boolean>> asked = ask(manager, 20);
      otherHowdah.close();
      holder.rollback();
      for (CompletableFuture<Boolean> each : asked.subList(1, asked.size())) {
        assertThatThrownBy(() -> each.get(60, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(HowdahException.class);
      }
    }
  }

  @Test
  void bucketEndsByTheClockOfPostgresAndIsFullAgain() {
    ProxyManager<String> manager =
        HowdahProxyManager.builder(howdah)
            .namespace("ending")
            .expirationAfterWrite(
                ExpirationAfterWriteStrategy.fixedTimeToLive(Duration.ofMinutes(1)))
            .build();
    BucketProxy bucket = bucket(manager, "b", 1);
    assertThat(bucket.tryConsume(1)).isTrue();
    age("ending", 50);
    assertThat(bucket.tryConsume(1)).isFalse();
    age("ending", 11);
    assertThat(manager.getProxyConfiguration("b")).isEmpty();
    assertThat(bucket.tryConsume(1)).isTrue();
  }

  @Test
  void bucketHasNoEndWhereNoneIsSaidOrItIsTooFarAway() {
    for (ExpirationAfterWriteStrategy strategy :
        new ExpirationAfterWriteStrategy[] {
          null,
          ExpirationAfterWriteStrategy.none(),
          ExpirationAfterWriteStrategy.fixedTimeToLive(Duration.ofDays(40_000))
        }) {
      ProxyManager<String> manager =
          HowdahProxyManager.builder(howdah)
              .namespace("endless")
              .expirationAfterWrite(strategy)
              .build();
      assertThat(bucket(manager, "b", 1).tryConsume(1)).isTrue();
      assertThat(
              sql(
                  "SELECT expires_at IS NULL FROM $.kv_ephemeral WHERE namespace = 'endless' AND key = 'b'"))
          .containsExactly("t");
      manager.removeProxy("b");
    }
  }

  @Test
  void durabilityIsThatWhichIsSaid() {
    ProxyManager<String> durable =
        HowdahProxyManager.builder(howdah)
            .namespace("flushed")
            .durability(Durability.DURABLE)
            .build();
    ProxyManager<String> same =
        HowdahProxyManager.builder(otherHowdah).namespace("flushed").build();
    assertThat(bucket(durable, "b", 1).tryConsume(1)).isTrue();
    assertThat(bucket(same, "b", 1).tryConsume(1)).isFalse();
    assertThat(tables("flushed")).containsExactly("durable");
    assertThat(bucket(HowdahProxyManager.builder(howdah).build(), "b", 1).tryConsume(1)).isTrue();
    assertThat(tables(HowdahProxyManagerBuilder.DEFAULT_NAMESPACE)).containsExactly("ephemeral");
  }

  @Test
  void durabilityLeavesTheOtherSettingsOfANamespace() {
    howdah
        .namespaces()
        .create("bounded", NamespaceSettings.of(Durability.DURABLE).withMaxEntries(1_000));
    ProxyManager<String> manager =
        HowdahProxyManager.builder(howdah)
            .namespace("bounded")
            .durability(Durability.DURABLE)
            .build();
    assertThat(bucket(manager, "b", 1).tryConsume(1)).isTrue();
    assertThat(howdah.namespaces().list())
        .filteredOn(namespace -> namespace.name().equals("bounded"))
        .singleElement()
        .satisfies(namespace -> assertThat(namespace.settings().maxEntries()).isEqualTo(1_000));
  }

  @Test
  void otherDurabilityThanTheNamespaceHasIsRefused() {
    howdah.namespaces().create("fixed", Durability.DURABLE);
    HowdahProxyManagerBuilder<String> builder =
        HowdahProxyManager.builder(howdah).namespace("fixed").durability(Durability.EPHEMERAL);
    assertThatThrownBy(builder::build)
        .isInstanceOfSatisfying(
            HowdahException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.NAMESPACE_CONFLICT));
  }

  @Test
  void rollbackGivesNoTokensBack() {
    ProxyManager<String> manager = HowdahProxyManager.builder(howdah).namespace("rolled").build();
    BucketProxy bucket = bucket(manager, "b", 1);
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              howdah.kv("joined", String.class).set("k", "v");
              assertThat(bucket.tryConsume(1)).isTrue();
              throw new IllegalStateException("roll back");
            }))
        .hasMessage("roll back");
    assertThat(howdah.kv("joined", String.class).get("k")).isEmpty();
    assertThat(bucket.tryConsume(1)).isFalse();
  }

  @Test
  void requestEndsAfterItsTimeout() throws Exception {
    ProxyManager<String> manager =
        HowdahProxyManager.builder(howdah)
            .namespace("held")
            .requestTimeout(Duration.ofMillis(200))
            .build();
    ProxyManager<String> patient = HowdahProxyManager.builder(howdah).namespace("held").build();
    assertThat(bucket(patient, "b", 10).tryConsume(1)).isTrue();
    try (Connection holder = connect()) {
      lockBucket(holder, "held");
      assertThatThrownBy(() -> bucket(manager, "b", 10).tryConsume(1))
          .isInstanceOf(TimeoutException.class);
      CompletableFuture<Boolean> call =
          manager
              .asAsync()
              .getProxy("b", () -> CompletableFuture.completedFuture(daily(10)))
              .tryConsume(1);
      assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(TimeoutException.class);
      holder.rollback();
    }
    assertThat(bucket(patient, "b", 10).tryConsume(1)).isTrue();
  }

  @Test
  void interruptedThreadGivesUpAndStaysInterrupted() throws SQLException {
    ProxyManager<String> manager =
        HowdahProxyManager.builder(howdah)
            .namespace("interrupted")
            .requestTimeout(Duration.ofSeconds(30))
            .build();
    assertThat(bucket(manager, "b", 10).tryConsume(1)).isTrue();
    // It is held, since an answer that is there already counts.
    try (Connection holder = connect()) {
      lockBucket(holder, "interrupted");
      Thread.currentThread().interrupt();
      try {
        assertThatThrownBy(() -> bucket(manager, "b", 10).tryConsume(1))
            .hasRootCauseInstanceOf(InterruptedException.class);
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      holder.rollback();
    }
  }

  @Test
  void clockOfYoursIsUsedWhereYouGiveOne() {
    AtomicLong now = new AtomicLong(System.currentTimeMillis() * 1_000_000);
    TimeMeter yours =
        new TimeMeter() {
          @Override
          public long currentTimeNanos() {
            return now.get();
          }

          @Override
          public boolean isWallClockBased() {
            return true;
          }
        };
    ProxyManager<String> manager =
        HowdahProxyManager.builder(howdah).namespace("clock").clientClock(yours).build();
    BucketProxy bucket = bucket(manager, "b", 1);
    assertThat(bucket.tryConsume(1)).isTrue();
    assertThat(bucket.tryConsume(1)).isFalse();
    now.addAndGet(Duration.ofDays(1).toNanos());
    assertThat(bucket.tryConsume(1)).isTrue();
  }

  @Test
  void keyThatIsNoneIsRefused() {
    ProxyManager<String> manager = HowdahProxyManager.builder(howdah).namespace("keys").build();
    for (String key : List.of("", "k".repeat(1_025), "a\0b")) {
      assertThatThrownBy(() -> bucket(manager, key, 1).tryConsume(1))
          .isInstanceOf(InvalidArgumentException.class);
      assertThatThrownBy(() -> manager.removeProxy(key))
          .isInstanceOf(InvalidArgumentException.class);
    }
  }

  @Test
  void databaseThatIsAwayIsSaidSo() {
    ProxyManager<String> manager =
        HowdahProxyManager.builder(otherHowdah).namespace("away").build();
    assertThat(bucket(manager, "b", 2).tryConsume(1)).isTrue();
    otherHowdah.close();
    assertThatThrownBy(() -> bucket(manager, "b", 2).tryConsume(1))
        .isInstanceOf(HowdahException.class);
  }

  @Test
  void valueThatIsNoBucketIsRefused() {
    howdah.kv("foreign", String.class).set("b", "text");
    ProxyManager<String> manager = HowdahProxyManager.builder(howdah).namespace("foreign").build();
    assertThatThrownBy(() -> bucket(manager, "b", 1).tryConsume(1))
        .isInstanceOf(HowdahException.class);
  }
}
