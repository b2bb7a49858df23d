package io.howdah.stats;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One table of the schema.
 *
 * @param name its name
 * @param rows how many rows it has, dead values that are not removed yet included; an estimate
 * @param bytes what it takes on disk, with its indexes
 * @param indexBytes what its indexes take of that
 * @param deadRows row versions that vacuum has not removed yet; an estimate
 * @param updates how many rows were updated, since Postgres's statistics began: they begin again
 *     after a crash
 * @param hotUpdates how many of them did without new index entries
 * @param sweep what the sweeper did there; empty for tables that need none
 */
public record TableStats(
    String name,
    long rows,
    long bytes,
    long indexBytes,
    long deadRows,
    long updates,
    long hotUpdates,
    Optional<SweepStats> sweep) {

  /** The share of updates that did without new index entries, 0 to 1; empty without updates. */
  public OptionalDouble hotShare() {
    return updates == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) hotUpdates / updates);
  }
}
