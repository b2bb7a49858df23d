package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.session.SessionSettings;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the doctor says of a server that has a standby, and of the standby. */
@Tag("full")
@Timeout(180)
final class DoctorStandbyTest {
  @Test
  void aFailoverTakesWhatIsUnlogged() {
    try (PrivatePostgres primary = PrivatePostgres.create()) {
      try (Howdah howdah = Howdah.open(primary.url())) {
        howdah.kv("carts", Integer.class).set("c1", 1);
      }
      try (PrivatePostgres standby = primary.standby()) {
        Eventually.holds(
            "the standby is there",
            () -> !primary.sql("SELECT 1 FROM pg_stat_replication").isEmpty());
        assertThat(primary.sql("SELECT pg_stat_force_next_flush()")).hasSize(1);
        Eventually.holds(
            "the row is in the statistics",
            () -> !DoctorReport.of(primary.url()).all("unlogged-before-failover").isEmpty());
        DoctorReport before = DoctorReport.of(primary.url());
        DoctorReport.Found unlogged = before.one("unlogged-before-failover");
        assertThat(unlogged.severity()).isEqualTo("notice");
        assertThat(unlogged.seen()).matches("1 standby; \\d+ rows in unlogged tables");
        assertThat(before.one("asynchronous-standby").remedy().get(0))
            .startsWith("a second standby, then ")
            .contains("synchronous_standby_names");

        DoctorReport there = DoctorReport.of(standby.url());
        assertThat(there.one("standby").severity()).isEqualTo("warning");
        assertThat(there.one("standby").remedy().get(0)).contains("targetServerType=primary");
        assertThat(there.fact("standby")).isEqualTo("true");
        assertThat(there.json().get("skipped")).isEmpty();
        assertThat(there.exitCode()).isGreaterThanOrEqualTo(3);

        try (Howdah howdah = Howdah.open(primary.url())) {
          howdah
              .sessions()
              .configure(SessionSettings.defaults().withDurability(Durability.EPHEMERAL));
          assertThat(howdah.sessions().create("ann").token()).isNotEmpty();
        }
        Eventually.holds(
            "sessions that a failover takes are a warning",
            () ->
                DoctorReport.of(primary.url())
                    .one("unlogged-before-failover")
                    .severity()
                    .equals("warning"));
        assertThat(DoctorReport.of(primary.url()).one("unlogged-before-failover").remedy())
            .contains("SELECT howdah.session_configure('relaxed');");
      }
    }
  }
}
