package io.howdah.stats;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How Howdah's tables and its engine are doing.
 *
 * @param tables the tables of the schema, by name
 * @param wipes how many wipes of the schema were found since it was made
 * @param oldestSnapshot who keeps vacuum from its work in this database; empty when nobody does
 * @param notificationQueueUsage how full Postgres's queue of notifications is, 0 to 1; empty on a
 *     standby
 * @param isStandby whether the server is one
 * @param engine what this process has done
 * @param listening how this process hears of changes
 * @param nearCaches how its near caches have done, by namespace
 * @param figures all that the SQL function said, for a metrics library
 */
public record Stats(
    List<TableStats> tables,
    long wipes,
    Optional<SnapshotHolder> oldestSnapshot,
    OptionalDouble notificationQueueUsage,
    boolean isStandby,
    EngineStats engine,
    ListenStats listening,
    List<NearStats> nearCaches,
    List<Figure> figures) {
  public Stats {
    tables = List.copyOf(tables);
    nearCaches = List.copyOf(nearCaches);
    figures = List.copyOf(figures);
  }
}
