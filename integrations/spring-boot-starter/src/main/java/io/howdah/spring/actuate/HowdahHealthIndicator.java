package io.howdah.spring.actuate;

import io.howdah.Howdah;
import io.howdah.stats.Stats;
import io.howdah.stats.SweepStats;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * DOWN when Postgres does not answer. What else is not as it should be stands in the details of an
 * UP: an instance that looks for changes instead of hearing of them does its work, and to take it
 * out would leave the others, which are no better off, with its load.
 */
final class HowdahHealthIndicator extends AbstractHealthIndicator {
  private final Howdah howdah;
  private final RecentStats recent;

  HowdahHealthIndicator(Howdah howdah, RecentStats recent) {
    super("Howdah health check failed");
    this.howdah = howdah;
    this.recent = recent;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    var health = howdah.health();
    Map<String, String> degraded = new TreeMap<>();
    health
        .degraded()
        .forEach((reason, text) -> degraded.put(reason.name().toLowerCase(Locale.ROOT), text));
    Health.Builder answer = health.up() ? builder.up() : builder.down();
    answer.withDetail("degraded", degraded);
    Stats stats = health.up() ? recent.get() : null;
    if (stats != null) {
      answer
          .withDetail("listening", stats.listening().state().name().toLowerCase(Locale.ROOT))
          .withDetail("wipes", stats.wipes())
          .withDetail("sweepBacklogSeconds", backlog(stats).toSeconds());
      stats
          .notificationQueueUsage()
          .ifPresent(usage -> answer.withDetail("notificationQueueUsage", usage));
    }
  }

  private static Duration backlog(Stats stats) {
    return stats.tables().stream()
        .flatMap(table -> table.sweep().stream())
        .map(SweepStats::backlog)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
