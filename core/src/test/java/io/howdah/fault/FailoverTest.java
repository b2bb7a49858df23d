package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.Wipe;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The primary dies under load, and its standby, which was replicated to synchronously, becomes the
 * primary. Clients know both by their URL.
 */
@Tag("full")
@Timeout(300)
class FailoverTest {
  private static final Logger LOG = LoggerFactory.getLogger(FailoverTest.class);

  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private static final Set<String> TYPED =
      Set.of(
          ErrorCode.UNAVAILABLE.name(),
          ErrorCode.TIMEOUT.name(),
          ErrorCode.LOCKED.name(),
          ErrorCode.STANDBY.name());

  @Test
  void promotionUnderLoadKeepsWhatWasPromised() throws SQLException {
    try (PrivatePostgres primary = PrivatePostgres.create("max_connections = 60");
        PrivatePostgres standby = primary.standby()) {
      replicateSynchronously(primary);
      promoteUnderLoad(primary, standby);
    }
  }

  /** Once the standby is there: before, nothing could be committed. */
  private static void replicateSynchronously(PrivatePostgres primary) {
    assertThat(primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")).isEmpty();
    assertThat(primary.sql("SELECT pg_reload_conf()")).containsExactly("t");
    Eventually.holds(
        "it replicates synchronously",
        () -> primary.sql("SELECT sync_state FROM pg_stat_replication").equals(List.of("sync")));
  }

  private static void promoteUnderLoad(PrivatePostgres primary, PrivatePostgres standby)
      throws SQLException {
    String url =
        "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?user=postgres&targetServerType=primary&hostRecheckSeconds=1"
            .formatted(standby.port(), primary.port());
    History history = new History();
    Map<String, Durability> levels = new LinkedHashMap<>();
    List<Wipe> wipes = new CopyOnWriteArrayList<>();
    try (Howdah howdah =
        Howdah.builder(url)
            .lanes(Trial.LANES)
            .callTimeout(DEADLINE)
            .wipeCheckInterval(Duration.ofMillis(200))
            .open()) {
      howdah.onWipe(wipes::add);
      for (Durability level : Durability.values()) {
        String namespace = "fo-" + level.name().toLowerCase(Locale.ROOT);
        howdah.namespaces().create(namespace, level);
        levels.put(namespace, level);
      }
      Load load = new Load(howdah, List.copyOf(levels.keySet()), history, Load.Size.SMALL, 1);
      load.start(1);
      try {
        load.awaitProgress(300);
        long began = System.nanoTime();
        primary.kill();
        standby.promote();
        long promoted = System.nanoTime();
        history.addCrash(began, promoted);
        load.awaitProgress(1);
        LOG.info(
            "promoted {} ms after the death of the primary, and answers on all levels {} ms later",
            Duration.ofNanos(promoted - began).toMillis(),
            Duration.ofNanos(System.nanoTime() - promoted).toMillis());
        Eventually.holds("the wipe is announced", () -> !wipes.isEmpty());
        load.awaitProgress(200);
      } finally {
        assertThat(load.stop(DEADLINE.plus(Trial.GRACE))).isTrue();
      }
      assertThat(howdah.health().up()).isTrue();
      assertThat(howdah.stats().isStandby()).isFalse();
    }
    LOG.info("failover: {}", history.outcomes());
    assertThat(history.untyped()).isEmpty();
    assertThat(history.count(event -> !event.isAnswered() && !TYPED.contains(event.error())))
        .as("%s", history.outcomes())
        .isZero();
    assertThat(wipes).hasSize(1);
    try (Connection connection = standby.connect()) {
      new Checker(levels, history.events(), history.crashes())
          .check(Checker.there(connection, "howdah"));
    }
  }
}
