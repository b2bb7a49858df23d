package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.fault.History.Outcome;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.TcpProxy;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One fault after the other, each several times under load: what was promised is kept, every call
 * ends in time with its answer or a typed error, nothing is left behind, and the work goes on. The
 * table in docs/durability.md is from here.
 */
@Tag("full")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultTest {
  private static final Logger LOG = LoggerFactory.getLogger(FaultTest.class);

  private PrivatePostgres postgres;

  @BeforeAll
  void start() {
    postgres = PrivatePostgres.create();
  }

  @AfterAll
  void stop() {
    postgres.close();
  }

  private Trial trial(String name) {
    return new Trial(postgres, postgres.port(), name, Load.Size.LARGE);
  }

  private static void tell(TestInfo test, Trial trial) {
    LOG.info("{}: {}", test.getDisplayName(), trial.history.outcomes());
  }

  @Test
  void backendKilled(TestInfo test) {
    Random random = new Random(1);
    try (Trial trial = trial("f_backend")) {
      for (int strike = 0; strike < 4; strike++) {
        trial.load.awaitProgress(300);
        trial.killAnyBackend(random);
      }
      trial.finish();
      assertThat(trial.failures(ErrorCode.UNAVAILABLE, Outcome.UNKNOWN)).isPositive();
      tell(test, trial);
    }
  }

  @Test
  void connectionTerminated(TestInfo test) {
    Random random = new Random(2);
    try (Trial trial = trial("f_terminated")) {
      for (int strike = 0; strike < 15; strike++) {
        trial.load.awaitProgress(50);
        List<Integer> backends = trial.backends();
        for (int pid : backends) {
          if (strike % 3 == 0 || random.nextInt(3) == 0) {
            assertThat(postgres.sql("SELECT pg_terminate_backend(?)", pid)).hasSize(1);
          }
        }
      }
      trial.finish();
      assertThat(trial.failures(ErrorCode.UNAVAILABLE, Outcome.UNKNOWN)).isPositive();
      tell(test, trial);
    }
  }

  @Test
  void postmasterKilled(TestInfo test) {
    try (Trial trial = trial("f_postmaster")) {
      for (int strike = 0; strike < 4; strike++) {
        boolean alone = strike % 2 == 0;
        trial.load.awaitProgress(300);
        trial.crash(() -> {
          if (alone) {
            postgres.killPostmaster();
          } else {
            postgres.kill();
          }
          postgres.start();
        });
      }
      trial.finish();
      assertThat(trial.failures(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED)).isPositive();
      tell(test, trial);
    }
  }

  @Test
  void stoppedAtOnce(TestInfo test) {
    try (Trial trial = trial("f_immediate")) {
      for (int strike = 0; strike < 4; strike++) {
        trial.load.awaitProgress(300);
        trial.crash(() -> {
          postgres.stopImmediately();
          postgres.start();
        });
      }
      trial.finish();
      assertThat(trial.failures(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED)).isPositive();
      tell(test, trial);
    }
  }

  /** No crash: not even ephemeral values are gone. */
  @Test
  void restarted(TestInfo test) {
    try (Trial trial = trial("f_restart")) {
      for (int strike = 0; strike < 3; strike++) {
        trial.load.awaitProgress(300);
        postgres.restart();
      }
      trial.finish();
      assertThat(trial.failures(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED)).isPositive();
      tell(test, trial);
    }
  }

  @Test
  void connectionCutInTheMiddleOfAReply(TestInfo test) throws IOException {
    Random random = new Random(3);
    try (TcpProxy proxy = new TcpProxy(postgres.port());
        Trial trial = new Trial(postgres, proxy.port(), "f_cut", Load.Size.LARGE)) {
      for (int strike = 0; strike < 40; strike++) {
        trial.load.awaitProgress(30);
        if (strike % 8 == 7) {
          proxy.cut();
        } else {
          proxy.cutAfterReplyBytes(1 + random.nextInt(3_000));
        }
      }
      trial.finish();
      assertThat(trial.failures(ErrorCode.UNAVAILABLE, Outcome.UNKNOWN)).isPositive();
      tell(test, trial);
    }
  }

  @Test
  void networkStalled(TestInfo test) throws IOException {
    try (TcpProxy proxy = new TcpProxy(postgres.port());
        Trial trial = new Trial(postgres, proxy.port(), "f_stalled", Load.Size.LARGE)) {
      for (int strike = 0; strike < 2; strike++) {
        trial.load.awaitProgress(300);
        proxy.stall();
        // What was under way: a call at least, and how many more depends on the moment.
        trial.awaitFailures(ErrorCode.TIMEOUT, Outcome.UNKNOWN, 1);
        // Long enough that new connections are tried for, and given up.
        trial.awaitFailures(ErrorCode.TIMEOUT, Outcome.NOT_APPLIED, 100);
        proxy.goOn();
      }
      trial.finish();
      tell(test, trial);
    }
  }

  @Test
  void closedWhileTheNetworkIsStalled() throws IOException {
    String name = "f_closed";
    try (TcpProxy proxy = new TcpProxy(postgres.port());
        Howdah howdah =
            Howdah.builder(postgres.urlAt(proxy.port()) + "&ApplicationName=" + name)
                .schema(name)
                .callTimeout(Trial.DEADLINE)
                .open()) {
      KeyValueStore<Integer> store = howdah.kv("n", Integer.class);
      store.set("k", 1);
      proxy.stall();
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> store.set("k", 2)).isInstanceOf(HowdahException.class);
      }
      for (int i = 0; i < 20; i++) {
        var unused = store.async().set("k" + i, i);
      }
      howdah.close();
      proxy.goOn();
      Eventually.holds(
          "no thread is left",
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(thread -> thread.getName().startsWith("howdah-" + name)));
      Eventually.holds(
          "no connection is left",
          () ->
              postgres
                  .sql("SELECT pid FROM pg_stat_activity WHERE application_name = ?", name)
                  .isEmpty());
    }
  }

  @Test
  void statementTimeout(TestInfo test) throws SQLException {
    String name = "f_timeout";
    try (Trial trial =
            new Trial(
                postgres,
                postgres.port(),
                name,
                name,
                Load.Size.LARGE,
                Trial.DEADLINE,
                1,
                builder -> builder.lockTimeout(Duration.ofSeconds(2)),
                "&options=-c%20statement_timeout=1000");
        Connection other = postgres.connect()) {
      other.setAutoCommit(false);
      for (int strike = 0; strike < 2; strike++) {
        trial.load.awaitProgress(300);
        assertThat(
                PrivatePostgres.sql(
                    other, "LOCK TABLE " + name + ".kv_durable IN ACCESS EXCLUSIVE MODE"))
            .isEmpty();
        trial.awaitFailures(ErrorCode.TIMEOUT, Outcome.NOT_APPLIED, 20);
        trial.load.awaitProgress(20, List.of(trial.namespace(Durability.EPHEMERAL)));
        other.rollback();
      }
      trial.finish();
      tell(test, trial);
    }
  }

  /**
   * Those that want the row wait and are refused, each at its deadline; strangers go on. It is held
   * for five deadlines, in the long form for minutes.
   */
  @Test
  void rowLockedForLong(TestInfo test) throws Exception {
    Duration held = Trial.LONG_FORM ? Duration.ofMinutes(3) : Trial.DEADLINE.multipliedBy(5);
    try (Trial trial = new Trial(postgres, postgres.port(), "f_row", Load.Size.SLOW);
        Connection holder = postgres.connect()) {
      holder.setAutoCommit(false);
      String durable = trial.namespace(Durability.DURABLE);
      trial.load.increment(durable, "held");
      assertThat(
              PrivatePostgres.sql(
                  holder,
                  "SELECT key FROM f_row.kv_durable WHERE namespace = ? AND key = 'held' FOR UPDATE",
                  durable))
          .hasSize(1);
      long until = System.nanoTime() + held.toNanos();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread caller =
            new Thread(() -> {
              while (System.nanoTime() - until < 0) {
                trial.load.increment(durable, "held");
              }
            });
        callers.add(caller);
        caller.start();
      }
      while (System.nanoTime() - until < 0) {
        trial.load.awaitProgress(200);
      }
      for (Thread caller : callers) {
        caller.join(Trial.DEADLINE.plus(Trial.GRACE).toMillis());
        assertThat(caller.isAlive()).isFalse();
      }
      holder.rollback();
      trial.load.increment(durable, "held");
      trial.finish();
      assertThat(trial.failures(ErrorCode.LOCKED, Outcome.NOT_APPLIED)).isGreaterThan(10);
      assertThat(trial.history.count(event -> event.key().equals("held") && event.isAnswered()))
          .isEqualTo(2);
      tell(test, trial);
    }
  }

  /** As ALTER TABLE and VACUUM FULL do it. */
  @Test
  void tableLocked(TestInfo test) throws SQLException {
    try (Trial trial = trial("f_table");
        Connection other = postgres.connect()) {
      other.setAutoCommit(false);
      for (int strike = 0; strike < 2; strike++) {
        trial.load.awaitProgress(300);
        long connections = trial.howdah.stats().engine().connections();
        assertThat(
                PrivatePostgres.sql(
                    other, "LOCK TABLE f_table.kv_durable IN ACCESS EXCLUSIVE MODE"))
            .isEmpty();
        trial.awaitFailures(ErrorCode.LOCKED, Outcome.NOT_APPLIED, 30);
        trial.load.awaitProgress(100, List.of(trial.namespace(Durability.EPHEMERAL)));
        other.rollback();
        trial.load.awaitProgress(100);
        // A connection is not to blame for a lock.
        assertThat(trial.howdah.stats().engine().connections() - connections)
            .as("connections that were opened")
            .isLessThanOrEqualTo(Trial.LANES);
      }
      trial.finish();
      tell(test, trial);
    }
  }

  @Test
  void connectionsExhausted(TestInfo test) throws SQLException {
    try (PrivatePostgres small =
            PrivatePostgres.create("max_connections = 30", "superuser_reserved_connections = 0");
        Trial trial = new Trial(small, small.port(), "f_exhausted", Load.Size.LARGE)) {
      for (int strike = 0; strike < 2; strike++) {
        trial.load.awaitProgress(300);
        List<Connection> others = new ArrayList<>();
        try {
          Connection first = small.connect();
          others.add(first);
          // Each time that it has lost its connections, the others are there first, in the end.
          do {
            takeAll(small, others);
            assertThat(
                    PrivatePostgres.sql(
                        first,
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?",
                        trial.schema()))
                .isNotNull();
            takeAll(small, others);
          } while (!PrivatePostgres.sql(
                  first,
                  "SELECT pid FROM pg_stat_activity WHERE application_name = ?",
                  trial.schema())
              .isEmpty());
          trial.awaitFailures(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED, 100);
        } finally {
          for (Connection other : others) {
            other.close();
          }
        }
      }
      trial.finish();
      tell(test, trial);
    }
  }

  private static void takeAll(PrivatePostgres server, List<Connection> into) throws SQLException {
    while (true) {
      try {
        into.add(server.connect());
      } catch (SQLException e) {
        assertThat(e.getSQLState()).isEqualTo("53300");
        return;
      }
    }
  }

  @AfterEach
  void serverIsUp() {
    postgres.awaitReady();
  }
}
