package io.howdah.stats;

/**
 * What the engine of this process has done since it was opened.
 *
 * @param statements statements that ended well
 * @param calls the calls that they served
 * @param failures statements that failed
 * @param quarantined calls that were set aside because a transaction outside held their row
 * @param connections connections that were opened
 * @param callsPerStatement the batch sizes
 * @param queueWaitMicros how long the first call of each statement had waited for a lane
 * @param runMicros how long each statement took, from sending it to having read its answer
 * @param wipes how many wipes this process has announced
 */
public record EngineStats(
    long statements,
    long calls,
    long failures,
    long quarantined,
    long connections,
    Distribution callsPerStatement,
    Distribution queueWaitMicros,
    Distribution runMicros,
    long wipes) {}
