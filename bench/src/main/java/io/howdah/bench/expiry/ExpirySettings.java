package io.howdah.bench.expiry;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is measured, and how long.
 *
 * @param parts which parts
 * @param refreshKeys how many values are refreshed
 * @param refreshLength how long, in each order
 * @param dead how many values end at the same moment
 * @param alive how many values among them were refreshed before, and are read meanwhile
 * @param readRate reads per second meanwhile
 * @param evictionKeys how many keys are asked for
 * @param evictionSize how many of them the namespace may hold
 * @param evictionRate reads per second of that
 * @param evictionLength how long
 */
public record ExpirySettings(
    List<Part> parts,
    int refreshKeys,
    Duration refreshLength,
    int dead,
    int alive,
    int readRate,
    int evictionKeys,
    int evictionSize,
    int evictionRate,
    Duration evictionLength) {

  /** The length of each value. */
  static final int VALUE_BYTES = 100;

  /** The settings in the words of the command line. */
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("parts", parts.stream().map(Part::id).collect(Collectors.joining(",")));
    options.put("refresh-keys", Integer.toString(refreshKeys));
    options.put("refresh-seconds", seconds(refreshLength));
    options.put("dead", Integer.toString(dead));
    options.put("alive", Integer.toString(alive));
    options.put("read-rate", Integer.toString(readRate));
    options.put("eviction-keys", Integer.toString(evictionKeys));
    options.put("eviction-size", Integer.toString(evictionSize));
    options.put("eviction-rate", Integer.toString(evictionRate));
    options.put("eviction-seconds", seconds(evictionLength));
    return options;
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
  }
}
