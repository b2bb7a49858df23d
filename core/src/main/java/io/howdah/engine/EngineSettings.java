package io.howdah.engine;

import java.time.Duration;

/**
 * How the engine runs.
 *
 * @param schema the schema of Howdah
 * @param lanes how many connections of its own it may open; they are opened when needed
 * @param pooledLanes how many of them it uses behind a transaction pooler
 * @param callTimeout the deadline of a call, from its submission
 * @param lockTimeout how long a statement waits for a row that another transaction holds, before
 *     the calls on such rows are set aside
 * @param batchCalls how many calls a statement carries at most
 * @param batchBytes how many bytes a statement carries at most, and about how many an answer brings
 */
public record EngineSettings(
    String schema,
    int lanes,
    int pooledLanes,
    Duration callTimeout,
    Duration lockTimeout,
    int batchCalls,
    int batchBytes) {}
