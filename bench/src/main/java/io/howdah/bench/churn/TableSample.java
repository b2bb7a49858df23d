package io.howdah.bench.churn;

/**
 * One table at one moment.
 *
 * @param table its name
 * @param bytes what it takes on disk, with its index
 * @param indexBytes what its index takes of that
 * @param liveRows how many values have not ended, counted
 * @param liveBytes what so many values took when they had just been loaded into an empty table
 * @param deadRows row versions that vacuum has not removed, as Postgres estimates them
 * @param updates updates since the table was made
 * @param hotUpdates those that needed no new index entry
 * @param backlogSeconds how long the oldest row that the sweeper removed last had been dead
 */
public record TableSample(
    String table,
    long bytes,
    long indexBytes,
    long liveRows,
    long liveBytes,
    long deadRows,
    long updates,
    long hotUpdates,
    double backlogSeconds) {

  /** How many times the size of its live values it has. */
  public double timesLiveSize() {
    return (double) bytes / Math.max(1, liveBytes);
  }
}
