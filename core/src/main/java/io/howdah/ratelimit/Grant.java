package io.howdah.ratelimit;

/**
 * What the database says to a {@link Take}.
 *
 * @param limit which of several limits it is about, from 0
 * @param granted how many calls are allowed, the first ones
 * @param remaining calls of cost 1 that would be allowed after them
 * @param retryMicros until another call of the cost would be; 0 when all were
 * @param resetMicros until nothing is left of what was counted
 */
record Grant(int limit, long granted, long remaining, long retryMicros, long resetMicros) {}
