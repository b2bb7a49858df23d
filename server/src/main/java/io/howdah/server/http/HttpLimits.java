package io.howdah.server.http;

import io.howdah.kv.KvLimits;
import java.time.Duration;

/**
 * How much the HTTP server takes, and waits.
 *
 * @param bodyBytes of all bodies that are held at a time
 * @param idle how long it waits for a client that neither sends nor takes anything
 * @param stop how long a stop waits for the requests that run
 * @param streams how many streams of events are open at a time: each may hold a thread while its
 *     client takes nothing
 * @param heartbeat how often a stream without events sends something, which tells whether its
 *     client is still there
 */
record HttpLimits(long bodyBytes, Duration idle, Duration stop, int streams, Duration heartbeat) {
  static HttpLimits defaults() {
    // A value is there up to three times: as it came, as text, and as the driver sends it.
    long bodyBytes = Math.max(Runtime.getRuntime().maxMemory() / 4, KvLimits.VALUE_BYTES);
    return new HttpLimits(
        bodyBytes, Duration.ofSeconds(30), Duration.ofSeconds(5), 64, Duration.ofSeconds(10));
  }
}
