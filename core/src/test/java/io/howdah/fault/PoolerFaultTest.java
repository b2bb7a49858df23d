package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.ErrorCode;
import io.howdah.fault.History.Outcome;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.Programs;
import io.howdah.testing.TestPooler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a PgBouncer under load, and to the server behind it: every call ends in time with
 * its answer or a typed error, what was promised is kept, and no connection is left.
 */
@Tag("full")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoolerFaultTest {
  private static final Logger LOG = LoggerFactory.getLogger(PoolerFaultTest.class);

  /**
   * A call that is given up takes a warm connection to the server with it, and a busy machine needs
   * its time for a new one.
   */
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private PrivatePostgres postgres;
  private TestPooler pooler;

  /** The distribution's. */
  Path program() {
    return Programs.require("pgbouncer");
  }

  /** More lines of its file. */
  String moreSettings() {
    return "";
  }

  /** For the URL. */
  String parameters() {
    return "";
  }

  @BeforeAll
  void start() {
    postgres = PrivatePostgres.create();
  }

  @AfterAll
  void stop() {
    postgres.close();
  }

  /** Fewer connections to the server than there are lanes. */
  @BeforeEach
  void startPooler(@TempDir Path folder) {
    pooler =
        TestPooler.before(
            program(), folder, postgres.port(), "default_pool_size = 4", moreSettings());
  }

  @AfterEach
  void stopPooler() {
    if (pooler != null) {
      pooler.close();
    }
  }

  private Trial trial(String name) {
    Trial trial =
        new Trial(
            postgres,
            pooler.port(),
            name,
            name,
            Load.Size.SMALL,
            DEADLINE,
            1,
            builder -> builder.listenUrl(postgres.url()),
            parameters());
    trial.countConnectionsBy(() -> pooler.clients());
    return trial;
  }

  private static void tell(TestInfo test, Trial trial) {
    LOG.info("{}: {}", test.getDisplayName(), trial.history.outcomes());
  }

  @Test
  void poolerKilledAndStarted(TestInfo test) {
    try (Trial trial = trial("p_killed")) {
      for (int strike = 0; strike < 4; strike++) {
        trial.load.awaitProgress(100);
        pooler.kill();
        trial.awaitFailures(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED, 20);
        pooler.start();
      }
      trial.finish();
      tell(test, trial);
    }
  }

  /** Nobody notices: not one call fails. */
  @Test
  void poolerReloadedAndServersReconnected(TestInfo test) {
    try (Trial trial = trial("p_reloaded")) {
      for (int strike = 0; strike < 10; strike++) {
        trial.load.awaitProgress(50);
        assertThat(pooler.console(strike % 2 == 0 ? "RELOAD" : "RECONNECT")).isEmpty();
      }
      trial.finish();
      assertThat(trial.history.count(event -> !event.isAnswered())).isZero();
      tell(test, trial);
    }
  }

  /** For longer than calls wait: those that went out may happen later, and the others do not. */
  @Test
  void poolerPausedAndResumed(TestInfo test) {
    try (Trial trial = trial("p_paused")) {
      for (int strike = 0; strike < 2; strike++) {
        trial.load.awaitProgress(100);
        assertThat(pooler.console("PAUSE")).isEmpty();
        trial.awaitFailures(ErrorCode.TIMEOUT, Outcome.UNKNOWN, 1);
        assertThat(pooler.console("RESUME")).isEmpty();
      }
      trial.finish();
      tell(test, trial);
    }
  }

  @Test
  void serversTerminatedBehindThePooler(TestInfo test) {
    Random random = new Random(5);
    try (Trial trial = trial("p_terminated")) {
      for (int strike = 0; strike < 15; strike++) {
        trial.load.awaitProgress(30);
        assertThat(postgres.sql("SELECT pg_terminate_backend(?)", trial.anyBackend(random)))
            .hasSize(1);
      }
      trial.finish();
      tell(test, trial);
    }
  }

  @Test
  void serverCrashedBehindThePooler(TestInfo test) {
    Random random = new Random(6);
    try (Trial trial = trial("p_crashed")) {
      for (int strike = 0; strike < 3; strike++) {
        trial.load.awaitProgress(100);
        trial.killAnyBackend(random);
      }
      trial.finish();
      tell(test, trial);
    }
  }
}
