package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.TcpProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many short histories, each of a Howdah of its own with other lanes and callers, to which one to
 * three faults happen; all of them are checked. The long form has 1,000.
 */
@Tag("full")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class HistoriesTest {
  private static final Logger LOG = LoggerFactory.getLogger(HistoriesTest.class);
  private static final int HISTORIES = Trial.LONG_FORM ? 1_000 : 40;
  private static final String SCHEMA = "f_histories";

  private enum Fault {
    NONE,
    TERMINATED,
    CUT,
    CUT_IN_A_REPLY,
    BACKEND_KILLED,
    ALL_KILLED
  }

  /** Crashes take the longest, so they are few. */
  private static Fault anyFault(Random random) {
    return switch (random.nextInt(20)) {
      case 0 -> Fault.ALL_KILLED;
      case 1, 2, 3, 4 -> Fault.BACKEND_KILLED;
      case 5, 6, 7, 8, 9 -> Fault.TERMINATED;
      case 10, 11, 12 -> Fault.CUT;
      case 13 -> Fault.NONE;
      default -> Fault.CUT_IN_A_REPLY;
    };
  }

  @Test
  void everyHistoryIsExplained() throws IOException {
    long first = System.nanoTime();
    Map<Fault, Integer> faults = new TreeMap<>();
    Map<String, Long> outcomes = new TreeMap<>();
    int crashes = 0;
    try (PrivatePostgres postgres = PrivatePostgres.create();
        TcpProxy proxy = new TcpProxy(postgres.port())) {
      for (int number = 0; number < HISTORIES; number++) {
        long seed = first + number;
        History history;
        try {
          history = oneHistory(postgres, proxy, number, new Random(seed), faults);
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError("history " + number + " with the seed " + seed, e);
        }
        crashes += history.crashes().size();
        history.outcomes().forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
      }
    }
    LOG.info("{} histories, {} crashes, faults {}: {}", HISTORIES, crashes, faults, outcomes);
    assertThat(outcomes.keySet()).contains("answered", "UNAVAILABLE UNKNOWN");
    assertThat(crashes).isPositive();
  }

  private static History oneHistory(
      PrivatePostgres postgres,
      TcpProxy proxy,
      int number,
      Random random,
      Map<Fault, Integer> faults) {
    // The last history may have ended before its reply was so long.
    proxy.cutAfterReplyBytes(Long.MAX_VALUE);
    int lanes = 1 + random.nextInt(Trial.LANES);
    Load.Size size =
        new Load.Size(2 + random.nextInt(15), random.nextInt(3), 1 + random.nextInt(8), 400, 0);
    try (Trial trial =
        new Trial(
            postgres,
            proxy.port(),
            SCHEMA,
            "h" + number,
            size,
            Duration.ofSeconds(10),
            random.nextLong(),
            builder -> builder.lanes(lanes),
            "")) {
      int strikes = 1 + random.nextInt(3);
      for (int strike = 0; strike < strikes; strike++) {
        trial.load.awaitProgress(10 + random.nextInt(50));
        Fault fault = anyFault(random);
        faults.merge(fault, 1, Integer::sum);
        strike(fault, postgres, proxy, trial, random);
      }
      trial.finish();
      return trial.history;
    }
  }

  private static void strike(
      Fault fault, PrivatePostgres postgres, TcpProxy proxy, Trial trial, Random random) {
    switch (fault) {
      case NONE -> {}
      case TERMINATED ->
          assertThat(postgres.sql("SELECT pg_terminate_backend(?)", trial.anyBackend(random)))
              .hasSize(1);
      case CUT -> proxy.cut();
      case CUT_IN_A_REPLY -> proxy.cutAfterReplyBytes(1 + random.nextInt(2_000));
      case BACKEND_KILLED -> trial.killAnyBackend(random);
      case ALL_KILLED ->
          trial.crash(() -> {
            postgres.kill();
            postgres.start();
          });
    }
  }
}
