package io.howdah.bench.channel;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is measured.
 *
 * @param rate messages that are due in a second
 * @param processes JVMs that listen
 * @param subscribers in each of them
 * @param payloadBytes of each message
 * @param seconds how long messages are published, after as long for warming up
 * @param writers threads that commit, when commits are counted
 * @param commitSeconds how long each way of committing is measured
 */
public record ChannelSettings(
    int rate,
    int processes,
    int subscribers,
    int payloadBytes,
    int seconds,
    int writers,
    int commitSeconds) {

  /** How many connections the server has to allow. */
  public int connections() {
    return 40 + 10 * processes + writers;
  }

  /** The settings in the words of the command line. */
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("rate", Integer.toString(rate));
    options.put("processes", Integer.toString(processes));
    options.put("subscribers", Integer.toString(subscribers));
    options.put("payload-bytes", Integer.toString(payloadBytes));
    options.put("seconds", Integer.toString(seconds));
    options.put("writers", Integer.toString(writers));
    options.put("commit-seconds", Integer.toString(commitSeconds));
    return options;
  }
}
