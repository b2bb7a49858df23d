package io.howdah.bench.expiry;

/**
 * One order of refreshing.
 *
 * @param order random or contiguous
 * @param seconds how long
 * @param calls how many refreshes were answered
 * @param refused those that found no value: none must
 * @param updates rows that were updated; fewer than calls, where one statement served two for a key
 * @param hotUpdates those that needed no new index entry
 * @param bytesBefore the table with its index, right after loading
 * @param bytesAfter the same at the end
 */
public record RefreshResult(
    String order,
    double seconds,
    long calls,
    long refused,
    long updates,
    long hotUpdates,
    long bytesBefore,
    long bytesAfter) {

  /** The share of updates that needed no new index entry, 0 to 1. */
  public double hotShare() {
    return updates == 0 ? 0 : (double) hotUpdates / updates;
  }

  /** How many times its first size the table has. */
  public double growth() {
    return (double) bytesAfter / bytesBefore;
  }
}
