package io.howdah.stats;

import io.howdah.engine.Listener;

/**
 * How this process hears of changes.
 *
 * @param state by notifications, by looking, or not at all because nothing needs it
 * @param notifications how many came
 * @param connections how many connections it has made to listen
 */
public record ListenStats(Listener.State state, long notifications, long connections) {}
