package io.howdah.spring.actuate;

import io.howdah.engine.Listener;
import io.howdah.stats.NearStats;
import io.howdah.stats.Stats;
import io.howdah.stats.SweepStats;
import io.howdah.stats.TableStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What {@code Howdah.stats} says, as meters. A reading is up to ten seconds old; gauges have no
 * value while Postgres does not answer.
 *
 * <p>Which tables and near caches there are is known from a reading, so that their meters are made
 * when the first one is there, and then with each new near cache. The tag {@code table} has the
 * name of one of Howdah's own tables, {@code name} that of a namespace or cache that the
 * application keeps near.
 */
final class StatsMeters implements MeterBinder {
  private final RecentStats recent;

  StatsMeters(RecentStats recent) {
    this.recent = recent;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    new OfRegistry(recent, registry).register();
  }

  private static final class Count {
    final ToDoubleFunction<Stats> value;
    volatile double last;

    Count(ToDoubleFunction<Stats> value) {
      this.value = value;
    }
  }

  /** Those of one registry, which keeps it by its gauges. */
  private static final class OfRegistry {
    private final RecentStats recent;
    private final MeterRegistry registry;
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /** The registry itself does not keep them. */
    private final Queue<Count> counts = new ConcurrentLinkedQueue<>();

    OfRegistry(RecentStats recent, MeterRegistry registry) {
      this.recent = recent;
      this.registry = registry;
    }

    void register() {
      Gauge.builder("howdah.up", () -> stats() == null ? 0 : 1)
          .description("Whether Postgres has answered")
          .register(registry);
      gauge("howdah.wipes", "How often Postgres has lost its unlogged tables", null, Stats::wipes);
      gauge(
          "howdah.notification.queue.usage",
          "How full the queue of notifications is, 0 to 1",
          null,
          stats -> stats.notificationQueueUsage().orElse(Double.NaN));
      gauge(
          "howdah.snapshot.age",
          "How long somebody has kept vacuum from its work in this database",
          "seconds",
          stats ->
              stats
                  .oldestSnapshot()
                  .flatMap(holder -> holder.age())
                  .map(OfRegistry::seconds)
                  .orElse(0.0));
      for (Listener.State state : Listener.State.values()) {
        gauge(
            "howdah.listener.state",
            "1 for how this process hears of changes",
            null,
            Tags.of("state", state.name().toLowerCase(Locale.ROOT)),
            stats -> stats.listening().state() == state ? 1 : 0);
      }
      counter(
          "howdah.listener.notifications",
          "Notifications that came",
          Tags.empty(),
          stats -> stats.listening().notifications());
      counter(
          "howdah.listener.connections",
          "Connections that were made to listen",
          Tags.empty(),
          stats -> stats.listening().connections());
    }

    private @Nullable Stats stats() {
      Stats stats = recent.get();
      if (stats != null) {
        stats.tables().stream().filter(table -> known.add(table.name())).forEach(this::register);
        stats.nearCaches().stream()
            .filter(near -> known.add(near.kind() + ":" + near.name()))
            .forEach(this::register);
      }
      return stats;
    }

    private void register(TableStats table) {
      String name = table.name();
      Tags tags = Tags.of("table", name);
      ofTable("howdah.table.rows", "Rows, an estimate", null, tags, name, TableStats::rows);
      ofTable("howdah.table.size", "What it takes on disk", "bytes", tags, name, TableStats::bytes);
      ofTable(
          "howdah.table.dead.rows",
          "Row versions that vacuum has not removed yet, an estimate",
          null,
          tags,
          name,
          TableStats::deadRows);
      ofTable(
          "howdah.table.hot.share",
          "Share of updates without new index entries, 0 to 1",
          null,
          tags,
          name,
          found -> found.hotShare().orElse(Double.NaN));
      if (table.sweep().isPresent()) {
        ofTable(
            "howdah.sweep.backlog",
            "How long the oldest row that was swept last had been dead",
            "seconds",
            tags,
            name,
            found -> sweep(found, sweep -> seconds(sweep.backlog())));
        counter(
            "howdah.sweep.removed",
            "Dead rows that were removed, by all processes",
            tags,
            stats -> table(stats, name, found -> sweep(found, SweepStats::removedRows)));
        counter(
            "howdah.sweep.evicted",
            "Live rows that were removed for want of room, by all processes",
            tags,
            stats -> table(stats, name, found -> sweep(found, SweepStats::evictedRows)));
      }
    }

    private void register(NearStats near) {
      Tags tags = Tags.of("kind", near.kind(), "name", near.name());
      counter(
          "howdah.near.hits",
          "Reads that a near cache answered",
          tags,
          stats -> near(stats, near, NearStats::hits));
      counter(
          "howdah.near.misses",
          "Reads of a near cache that went to the database",
          tags,
          stats -> near(stats, near, NearStats::misses));
      gauge(
          "howdah.near.entries",
          "About how many values a near cache keeps",
          null,
          tags,
          stats -> near(stats, near, NearStats::entries));
    }

    private void ofTable(
        String name,
        String description,
        @Nullable String unit,
        Tags tags,
        String table,
        ToDoubleFunction<TableStats> value) {
      gauge(name, description, unit, tags, stats -> table(stats, table, value));
    }

    private void gauge(
        String name, String description, @Nullable String unit, ToDoubleFunction<Stats> value) {
      gauge(name, description, unit, Tags.empty(), value);
    }

    private void gauge(
        String name,
        String description,
        @Nullable String unit,
        Tags tags,
        ToDoubleFunction<Stats> value) {
      Gauge.builder(name, () -> value(value))
          .description(description)
          .baseUnit(unit)
          .tags(tags)
          .register(registry);
    }

    private void counter(
        String name, String description, Tags tags, ToDoubleFunction<Stats> value) {
      Count count = new Count(value);
      counts.add(count);
      FunctionCounter.builder(name, count, this::value)
          .description(description)
          .tags(tags)
          .register(registry);
    }

    /** A counter that is not known now is as it was last: it must not go back. */
    private double value(Count count) {
      double value = value(count.value);
      if (!Double.isNaN(value)) {
        count.last = value;
      }
      return count.last;
    }

    private double value(ToDoubleFunction<Stats> value) {
      Stats stats = stats();
      return stats == null ? Double.NaN : value.applyAsDouble(stats);
    }

    private static double table(Stats stats, String name, ToDoubleFunction<TableStats> value) {
      return stats.tables().stream()
          .filter(table -> table.name().equals(name))
          .findFirst()
          .map(value::applyAsDouble)
          .orElse(Double.NaN);
    }

    private static double near(Stats stats, NearStats like, ToDoubleFunction<NearStats> value) {
      return stats.nearCaches().stream()
          .filter(near -> near.kind().equals(like.kind()) && near.name().equals(like.name()))
          .findFirst()
          .map(value::applyAsDouble)
          .orElse(Double.NaN);
    }

    private static double sweep(TableStats table, ToDoubleFunction<SweepStats> value) {
      return table.sweep().map(value::applyAsDouble).orElse(Double.NaN);
    }

    private static double seconds(Duration duration) {
      return duration.toMillis() / 1_000.0;
    }
  }
}
