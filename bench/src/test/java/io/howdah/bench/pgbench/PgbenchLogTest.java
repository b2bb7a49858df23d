package io.howdah.bench.pgbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PgbenchLogTest {

  @TempDir Path folder;

  /** The latency of the log counts from when a transaction was due. */
  @Test
  void transactionsThatWereDueInTheWindowCount() throws Exception {
    PgbenchLog log = new PgbenchLog(10_000_000, 20_000_000);

    log.read(
        file(
            """
            0 1 4000 0 10 3999 1000
            0 2 5000 0 10 5000 1000
            1 1 7000 0 20 6000 6500
            1 2 9000 0 20 9000 100
            """));

    assertThat(log.latencies().getTotalCount()).isEqualTo(2);
    assertThat(log.latencies().getMinValue() / 1e3).isBetween(4_990.0, 5_010.0);
    assertThat(log.latencies().getMaxValue() / 1e3).isBetween(6_990.0, 7_010.0);
    assertThat(log.failed()).isZero();
  }

  @Test
  void transactionsThatFailedAreCounted() throws Exception {
    PgbenchLog log = new PgbenchLog(0, Long.MAX_VALUE);

    log.read(file("0 1 failed 0 10 3999 1000\n0 2 skipped 0 10 3999 1000\n"));

    assertThat(log.failed()).isEqualTo(2);
    assertThat(log.latencies().getTotalCount()).isZero();
  }

  @Test
  void theLastSecondsAreThoseBeforeTheLastEnd() throws Exception {
    Path logs = Files.createDirectory(folder.resolve("logs"));
    Files.writeString(logs.resolve("log.1"), "0 1 5000 0 10 0\n0 2 6000 0 12 300000\n");
    Files.writeString(logs.resolve("log.1.1"), "1 1 7000 0 11 500000\n1 2 8000 0 11 200000\n");

    PgbenchLog log = PgbenchLog.ofTheEnd(logs, 1);

    assertThat(log.latencies().getTotalCount()).isEqualTo(2);
    assertThat(log.latencies().getMinValue() / 1e3).isBetween(5_990.0, 6_010.0);
    assertThat(logs).doesNotExist();
  }

  @Test
  void whatIsNoLogIsRefused() {
    assertThatThrownBy(() -> new PgbenchLog(0, 1).read(file("nonsense\n")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nonsense");
  }

  private Path file(String lines) throws IOException {
    return Files.writeString(folder.resolve("log"), lines);
  }
}
