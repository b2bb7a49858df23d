package io.howdah.stats;

import io.howdah.HowdahException;
import io.howdah.engine.Caller;
import io.howdah.engine.Listener;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import io.howdah.engine.WipeWatch;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks the database, and adds what this process knows. */
public final class StatsReader {
  private static final Duration OLD_SNAPSHOT = Duration.ofHours(1);

  /** Many times the longest pause of a hand over a small table. */
  private static final Duration NOT_SWEPT = Duration.ofHours(1);

  private static final Operation<String, List<Figure>> STATS =
      new Operation<>() {
        @Override
        public String name() {
          return "stats";
        }

        @Override
        public boolean isWrite() {
          return false;
        }

        @Override
        public boolean isQuery() {
          return true;
        }

        @Override
        public String sql() {
          return "SELECT s.subject, s.figure, s.value, s.detail FROM ${schema}.stats() AS s";
        }

        @Override
        public void bind(String args, SqlArguments to) {}

        @Override
        public List<Figure> read(String args, SqlRows rows) throws SQLException {
          List<Figure> figures = new ArrayList<>();
          while (rows.next()) {
            String value = rows.text(3);
            if (value != null) {
              figures.add(
                  new Figure(
                      Objects.requireNonNull(rows.text(1)),
                      Objects.requireNonNull(rows.text(2)),
                      Double.parseDouble(value),
                      Objects.requireNonNullElse(rows.text(4), "")));
            }
          }
          return figures;
        }
      };

  private final Caller caller;
  private final EngineFigures engine;
  private final WipeWatch wipes;
  private final Listener listener;
  private final Supplier<List<NearStats>> nearCaches;
  private final Supplier<Optional<String>> flagTrouble;

  /** Where {@code flagTrouble} says what is wrong with feature flags, if anything. */
  public StatsReader(
      Caller caller,
      EngineFigures engine,
      WipeWatch wipes,
      Listener listener,
      Supplier<List<NearStats>> nearCaches,
      Supplier<Optional<String>> flagTrouble) {
    this.caller = caller;
    this.engine = engine;
    this.wipes = wipes;
    this.listener = listener;
    this.nearCaches = nearCaches;
    this.flagTrouble = flagTrouble;
  }

  /**
   * The present figures.
   *
   * @throws HowdahException when the database does not say
   */
  public Stats stats() {
    List<Figure> figures = caller.call(STATS, "");
    Map<String, Map<String, Figure>> bySubject = new TreeMap<>();
    for (Figure figure : figures) {
      Map<String, Figure> ofSubject =
          bySubject.computeIfAbsent(figure.subject(), subject -> new TreeMap<>());
      ofSubject.put(figure.name(), figure);
    }
    List<TableStats> tables = new ArrayList<>();
    bySubject.forEach((subject, ofSubject) -> {
      if (ofSubject.containsKey("index_bytes")) {
        tables.add(table(subject, ofSubject));
      }
    });
    Figure queue = find(bySubject, "notifications", "queue_usage");
    Figure standby = find(bySubject, "server", "is_standby");
    Figure wiped = find(bySubject, "wipes", "count");
    return new Stats(
        tables,
        wiped == null ? 0 : (long) wiped.value(),
        snapshot(bySubject.getOrDefault("oldest_snapshot", Map.of())),
        queue == null ? OptionalDouble.empty() : OptionalDouble.of(queue.value()),
        standby != null && standby.value() > 0,
        engine.stats(wipes.wipes()),
        listening(),
        nearCaches.get().stream()
            .sorted(Comparator.comparing(NearStats::kind).thenComparing(NearStats::name))
            .toList(),
        figures);
  }

  private ListenStats listening() {
    Listener.Figures heard = listener.figures();
    return new ListenStats(heard.state(), heard.notifications(), heard.connections());
  }

  private static @Nullable Figure find(
      Map<String, Map<String, Figure>> bySubject, String subject, String name) {
    return bySubject.getOrDefault(subject, Map.of()).get(name);
  }

  private static TableStats table(String name, Map<String, Figure> figures) {
    return new TableStats(
        name,
        whole(figures, "rows"),
        whole(figures, "bytes"),
        whole(figures, "index_bytes"),
        whole(figures, "dead_rows"),
        whole(figures, "updates"),
        whole(figures, "hot_updates"),
        figures.containsKey("swept_rows") ? Optional.of(sweep(figures)) : Optional.empty());
  }

  private static SweepStats sweep(Map<String, Figure> figures) {
    Figure rate = figures.get("swept_rows_per_second");
    return new SweepStats(
        whole(figures, "swept_rows"),
        whole(figures, "evicted_rows"),
        rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate.value()),
        duration(figures, "backlog_seconds").orElse(Duration.ZERO),
        duration(figures, "swept_seconds_ago"));
  }

  private static Optional<Duration> duration(Map<String, Figure> figures, String name) {
    return Optional.ofNullable(figures.get(name))
        .map(figure -> Duration.ofMillis((long) (figure.value() * 1_000)));
  }

  private static long whole(Map<String, Figure> figures, String name) {
    Figure figure = figures.get(name);
    return figure == null ? 0 : (long) figure.value();
  }

  private static Optional<SnapshotHolder> snapshot(Map<String, Figure> figures) {
    Figure transactions = figures.get("transactions");
    if (transactions == null) {
      return Optional.empty();
    }
    Figure pid = figures.get("pid");
    return Optional.of(
        new SnapshotHolder(
            transactions.detail(),
            pid == null ? OptionalInt.empty() : OptionalInt.of((int) pid.value()),
            duration(figures, "seconds"),
            (long) transactions.value()));
  }

  /** Whether all is well. It does not throw: no answer is an answer. */
  public Health health() {
    Map<Health.Reason, String> degraded = new EnumMap<>(Health.Reason.class);
    wipes
        .trouble()
        .ifPresent(
            trouble -> degraded.put(Health.Reason.WIPE_WATCH, "wipes cannot be found: " + trouble));
    flagTrouble.get().ifPresent(trouble -> degraded.put(Health.Reason.FLAGS, trouble));
    listener
        .figures()
        .trouble()
        .ifPresent(trouble ->
            degraded.put(
                Health.Reason.LISTENING,
                "changes are looked for, and not heard of at once: " + trouble));
    Stats stats;
    try {
      stats = stats();
    } catch (HowdahException e) {
      degraded.put(Health.Reason.UNREACHABLE, String.valueOf(e.getMessage()));
      return new Health(false, degraded);
    }
    if (stats.isStandby()) {
      degraded.put(
          Health.Reason.STANDBY,
          "the server is a standby: it takes no writes, and has no ephemeral values");
    }
    stats
        .oldestSnapshot()
        .filter(holder -> holder.age().filter(age -> age.compareTo(OLD_SNAPSHOT) > 0).isPresent())
        .ifPresent(holder ->
            degraded.put(
                Health.Reason.OLD_SNAPSHOT,
                "vacuum is held back for "
                    + holder.age().orElseThrow().toMinutes()
                    + " minutes by "
                    + holder.what()));
    stats.tables().stream()
        .flatMap(table -> table.sweep().flatMap(SweepStats::sinceLast).stream())
        .min(Duration::compareTo)
        .filter(ago -> ago.compareTo(NOT_SWEPT) > 0)
        .ifPresent(ago ->
            degraded.put(
                Health.Reason.NOT_SWEPT,
                "nobody has removed dead rows for " + ago.toMinutes() + " minutes"));
    stats
        .notificationQueueUsage()
        .ifPresent(usage -> {
          if (usage > 0.5) {
            degraded.put(
                Health.Reason.NOTIFICATION_QUEUE,
                "the queue of notifications is full to " + Math.round(usage * 100) + " %");
          }
        });
    return new Health(true, degraded);
  }
}
