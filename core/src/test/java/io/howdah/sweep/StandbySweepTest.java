package io.howdah.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.schema.SchemaMode;
import io.howdah.sweep.SweepReport.Outcome;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A server that is a standby, without a primary. */
@Timeout(120)
@Tag("full")
class StandbySweepTest {
  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path folder;

  @Test
  void standbyHasNothingToSweep() throws IOException, SQLException {
    Path data = folder.resolve("data");
    try (EmbeddedPostgres primary = start(data);
        Howdah howdah = Howdah.builder(url(primary)).sweeper(false).open()) {
      assertThat(howdah.sweep().outcome()).isEqualTo(Outcome.SWEPT);
    }
    Files.createFile(data.resolve("standby.signal"));
    try (EmbeddedPostgres standby = start(data);
        Howdah howdah = Howdah.builder(url(standby)).schemaMode(SchemaMode.VALIDATE).open()) {
      SweepReport report = howdah.sweep();
      assertThat(report.outcome()).isEqualTo(Outcome.STANDBY);
      assertThat(report.pages()).isZero();
      try (Connection connection = DriverManager.getConnection(url(standby));
          Statement statement = connection.createStatement()) {
        statement.execute("CALL howdah.sweep_all('1 second')");
        assertThat((Throwable) statement.getWarnings()).hasMessageContaining("this is a standby");
      }
    }
  }

  private static EmbeddedPostgres start(Path data) throws IOException {
    return EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false).start();
  }

  private static String url(EmbeddedPostgres server) {
    return server.getJdbcUrl("postgres", "postgres");
  }
}
