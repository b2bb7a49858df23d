package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.howdah.CallFailedException;
import io.howdah.CallFailedException.Outcome;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.schema.SchemaMode;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TcpProxy;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;

/** What callers are told when a statement breaks, stalls or comes back too late. */
@Timeout(120)
class EngineFaultsTest extends HowdahTest {

  private Howdah.Builder open(String application) {
    return alone(Howdah.builder(TestPostgres.url() + "&ApplicationName=" + application));
  }

  /** With the lanes for the test alone. */
  private Howdah.Builder alone(Howdah.Builder builder) {
    return builder.schema(schema).sweeper(false).wipeCheckInterval(Duration.ofMinutes(1));
  }

  private void hold(Connection holder, String namespace, String key) throws Exception {
    holder.setAutoCommit(false);
    howdah.on(holder).kv(namespace, Integer.class).set(key, 0);
  }

  private void awaitLockWait(String application) {
    String waits =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = ? AND wait_event_type = 'Lock'";
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (sql(waits, application).equals(List.of("0"))) {
      assertThat(System.nanoTime()).isLessThan(giveUp);
      Thread.onSpinWait();
    }
  }

  @Test
  void everyWriteOfABatchWhoseConnectionBreaksIsOfUnknownOutcome() throws Exception {
    String application = "broken-batch";
    try (Howdah one =
            open(application)
                .lanes(1)
                .lockTimeout(Duration.ofSeconds(10))
                .callTimeout(Duration.ofSeconds(30))
                .open();
        Connection first = connect();
        Connection second = connect()) {
      hold(first, "broken", "first");
      hold(second, "broken", "second");
      KeyValueStore<Integer> store = one.kv("broken", Integer.class);
      CompletableFuture<Long> ahead = store.async().increment("first", 1).toCompletableFuture();
      awaitLockWait(application);
      List<CompletableFuture<Long>> batch = new ArrayList<>();
      batch.add(store.async().set("second", 1).toCompletableFuture());
      for (int i = 0; i < 20; i++) {
        batch.add(store.async().set("k" + i, 1).toCompletableFuture());
      }
      first.rollback();
      assertThat(ahead.join()).isPositive();
      awaitLockWait(application);
      assertThat(
              sql(
                  "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity"
                      + " WHERE application_name = ? AND wait_event_type = 'Lock'",
                  application))
          .isNotEmpty();
      for (CompletableFuture<Long> write : batch) {
        assertThatThrownBy(write::join)
            .isInstanceOf(CompletionException.class)
            .cause()
            .isInstanceOfSatisfying(
                CallFailedException.class,
                e -> {
                  assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                  assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN);
                });
      }
      second.rollback();
      assertThat(store.set("second", 2)).isPositive();
    }
  }

  @Test
  void callOnItsOwnThreadEndsAtItsDeadlineAndItsLaneIsReplaced() throws Exception {
    try (Howdah impatient =
            open("overdue")
                .lockTimeout(Duration.ofSeconds(10))
                .callTimeout(Duration.ofMillis(300))
                .open();
        Connection holder = connect()) {
      KeyValueStore<Integer> store = impatient.kv("overdue", Integer.class);
      hold(holder, "overdue", "k");
      long began = System.nanoTime();
      assertThatThrownBy(() -> store.set("k", 1))
          .isInstanceOfSatisfying(
              CallFailedException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT);
                assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN);
              });
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
      holder.rollback();
      assertThat(store.set("other", 1)).isPositive();
    }
  }

  /**
   * What was sent may have happened. Where the engine itself was using the lane, or has to connect,
   * nothing was sent; so it is tried again until something was.
   */
  @Test
  void stalledConnectionIsGivenUpAtTheDeadline() throws Exception {
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port());
        Howdah stalled =
            alone(Howdah.builder(TestPostgres.urlAt(proxy.port())))
                .callTimeout(Duration.ofMillis(500))
                .open()) {
      KeyValueStore<Integer> store = stalled.kv("stalled", Integer.class);
      Outcome outcome = Outcome.NOT_APPLIED;
      for (int attempt = 0; attempt < 20 && outcome != Outcome.UNKNOWN; attempt++) {
        store.set("k", 1);
        proxy.stall();
        long began = System.nanoTime();
        CallFailedException failure =
            catchThrowableOfType(CallFailedException.class, () -> store.set("k", 2));
        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        outcome = failure.outcome();
        assertThatThrownBy(() -> store.get("k")).isInstanceOf(CallFailedException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
        proxy.goOn();
        Optional<Integer> there = store.get("k");
        if (outcome == Outcome.NOT_APPLIED) {
          assertThat(there).contains(1);
        } else {
          assertThat(there.orElseThrow()).isBetween(1, 2);
        }
      }
      assertThat(outcome).isEqualTo(Outcome.UNKNOWN);
    }
  }

  /** Gives out no connection while its gate is closed, as a server that does not answer. */
  private static final class GatedDataSource implements DataSource {
    private final DataSource behind = TestPostgres.dataSource();
    private final AtomicReference<CountDownLatch> gate =
        new AtomicReference<>(new CountDownLatch(0));
    private final CountDownLatch wanted = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final List<Connection> given = new CopyOnWriteArrayList<>();

    /** How many of the next connections are cut off before they are given. */
    private final AtomicInteger cut = new AtomicInteger();

    void shut() {
      gate.set(new CountDownLatch(1));
    }

    void open() {
      gate.get().countDown();
    }

    @Override
    public Connection getConnection() throws SQLException {
      asked.incrementAndGet();
      CountDownLatch now = gate.get();
      if (now.getCount() > 0) {
        wanted.countDown();
      }
      try {
        now.await();
      } catch (InterruptedException e) {
        throw new SQLException("interrupted", "08001", e);
      }
      Connection connection = behind.getConnection();
      given.add(connection);
      if (cut.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        terminate(connection);
      }
      return connection;
    }

    /** As an administrator does; returns when it has happened. */
    void terminate(Connection connection) throws SQLException {
      int backend = connection.unwrap(PGConnection.class).getBackendPID();
      try (Connection other = behind.getConnection();
          PreparedStatement end = other.prepareStatement("SELECT pg_terminate_backend(?, 10000)")) {
        end.setInt(1, backend);
        assertThat(end.execute()).isTrue();
      }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
      return behind.getConnection(user, password);
    }

    @Override
    public java.io.PrintWriter getLogWriter() throws SQLException {
      return behind.getLogWriter();
    }

    @Override
    public void setLogWriter(java.io.PrintWriter out) throws SQLException {
      behind.setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
      behind.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
      return behind.getLoginTimeout();
    }

    @Override
    public java.util.logging.Logger getParentLogger() throws SQLFeatureNotSupportedException {
      return behind.getParentLogger();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
      throw new SQLException("wraps nothing that is known");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
      return false;
    }
  }

  @Test
  void connectionThatIsCutOffAtItsBeginningIsMadeAgain() throws SQLException {
    GatedDataSource source = new GatedDataSource();
    try (Howdah howdah =
        Howdah.builder(source)
            .schema(schema)
            .schemaMode(SchemaMode.NONE)
            .lanes(1)
            .sweeper(false)
            .open()) {
      KeyValueStore<Integer> store = howdah.kv("beginning", Integer.class);
      for (int i = 0; i < 5; i++) {
        store.set("k", i);
        // Before: the engine's own look for wipes may be the first to connect.
        source.cut.set(1);
        for (Connection lane : source.given) {
          if (!lane.isClosed()) {
            source.terminate(lane);
          }
        }
        assertThat(store.get("k")).contains(i);
        assertThat(source.cut.get()).isZero();
      }
    }
  }

  @Test
  void callDoesNotWaitLongerForAConnectionThanItsDeadline() {
    GatedDataSource gated = new GatedDataSource();
    try (Howdah cut =
        Howdah.builder(gated)
            .schema(schema)
            .schemaMode(SchemaMode.NONE)
            .lanes(1)
            .sweeper(false)
            .callTimeout(Duration.ofMillis(300))
            .open()) {
      KeyValueStore<Integer> store = cut.kv("gated", Integer.class);
      Eventually.holds("it has read the registry", () -> !gated.given.isEmpty());
      assertThat(store.set("k", 1)).isPositive();
      gated.shut();
      for (Connection connection : gated.given) {
        assertThatCode(connection::close).doesNotThrowAnyException();
      }
      // The first one finds that the connection is gone; the others that there is no new one.
      assertThatThrownBy(() -> store.set("k", 2)).isInstanceOf(CallFailedException.class);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> store.set("k", 3))
            .isInstanceOfSatisfying(
                CallFailedException.class,
                e -> {
                  assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT);
                  assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
                });
      }
      gated.open();
      assertThat(howdah.kv("gated", Integer.class).get("k")).contains(1);
      Eventually.holds(
          "it works again",
          () -> {
            try {
              return store.set("k", 4) > 0;
            } catch (CallFailedException e) {
              return false;
            }
          });
    }
  }

  /** However many calls wait for it, and however long. */
  @Test
  void oneConnectionIsOpenedAtATime() {
    GatedDataSource gated = new GatedDataSource();
    gated.shut();
    try (Howdah slow =
        alone(Howdah.builder(gated))
            .schemaMode(SchemaMode.NONE)
            .listen(false)
            .callTimeout(Duration.ofMillis(500))
            .open()) {
      KeyValueStore<Integer> store = slow.kv("slow", Integer.class);
      List<ErrorCode> failures =
          Threads.run(
              100,
              thread ->
                  catchThrowableOfType(CallFailedException.class, () -> store.set("k" + thread, 1))
                      .code());
      assertThat(failures).containsOnly(ErrorCode.TIMEOUT);
      assertThat(gated.asked).hasValue(1);
      gated.open();
      Eventually.holds("the connection comes", () -> !gated.given.isEmpty());
      Threads.run(100, thread -> store.set("k" + thread, 1));
      assertThat(gated.given).hasSizeBetween(1, 8);
    }
  }

  @Test
  void threadsThatComeOneAfterTheOtherShareAConnection() throws Exception {
    GatedDataSource source = new GatedDataSource();
    try (Howdah howdah =
        alone(Howdah.builder(source)).schemaMode(SchemaMode.NONE).listen(false).open()) {
      KeyValueStore<Integer> store = howdah.kv("in turn", Integer.class);
      for (int i = 0; i < 50; i++) {
        int value = i;
        CompletableFuture<Long> done = new CompletableFuture<>();
        new Thread(() -> done.complete(store.set("k", value))).start();
        assertThat(done.get(30, TimeUnit.SECONDS)).isPositive();
      }
      // The engine's own look for wipes may have had a second one.
      assertThat(source.given).hasSizeBetween(1, 2);
    }
  }

  @Test
  void connectionThatComesAfterTheCloseIsClosed() throws Exception {
    GatedDataSource gated = new GatedDataSource();
    gated.shut();
    Howdah late =
        Howdah.builder(gated)
            .schema(schema)
            .schemaMode(SchemaMode.NONE)
            .listen(false)
            .sweeper(false)
            .callTimeout(Duration.ofMillis(300))
            .open();
    CompletableFuture<?> call =
        late.kv("late", Integer.class).async().set("k", 1).toCompletableFuture();
    assertThat(gated.wanted.await(30, TimeUnit.SECONDS)).isTrue();
    late.close();
    assertThatThrownBy(call::join).isInstanceOf(CompletionException.class);
    int before = gated.given.size();
    gated.open();
    Eventually.holds("the connection comes", () -> gated.given.size() > before);
    for (Connection connection : gated.given) {
      Eventually.holds(
          "it is closed",
          () -> {
            try {
              return connection.isClosed();
            } catch (SQLException e) {
              return false;
            }
          });
    }
  }

  @Test
  void expiredAsynchronousCallDoesNotHoldUpLaterCallsOfItsThread() throws Exception {
    try (Howdah impatient =
            open("expired")
                .lockTimeout(Duration.ofMillis(50))
                .callTimeout(Duration.ofMillis(400))
                .open();
        Connection holder = connect()) {
      KeyValueStore<Integer> store = impatient.kv("expired", Integer.class);
      hold(holder, "expired", "k");
      assertThatThrownBy(() -> store.async().set("k", 1).toCompletableFuture().join())
          .cause()
          .isInstanceOf(CallFailedException.class);
      holder.rollback();
      assertThat(store.set("k", 2)).isPositive();
      assertThat(store.get("k")).contains(2);
    }
  }

  @Test
  void executorThatRefusesDoesNotStopTheEngine() {
    try (Howdah refused =
        open("refused")
            .executor(task -> {
              throw new RejectedExecutionException("shut down");
            })
            .open()) {
      KeyValueStore<Integer> store = refused.kv("refused", Integer.class);
      for (int i = 1; i <= 20; i++) {
        long sum = store.async().increment("n", 1).toCompletableFuture().join();
        assertThat(sum).isEqualTo(i);
      }
    }
  }

  @Test
  void callbackMayWaitForAnotherCallOfItsBatch() throws Exception {
    KeyValueStore<Integer> store = howdah.kv("callbacks", Integer.class);
    List<CompletableFuture<Long>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(store.async().set("k" + i, i).toCompletableFuture());
    }
    CompletableFuture<Long> last = all.get(49);
    CompletableFuture<Void> waits = all.get(0).thenAccept(version -> last.join());
    waits.get(30, TimeUnit.SECONDS);
  }
}
