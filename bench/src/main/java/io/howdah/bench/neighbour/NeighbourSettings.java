package io.howdah.bench.neighbour;

import io.howdah.bench.measure.Durability;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is measured, and how long.
 *
 * @param levels durability of Howdah's namespaces
 * @param rates Howdah's calls per second
 * @param threads how many threads call Howdah
 * @param keys how many keys there are in each namespace
 * @param valueBytes the length of each value
 * @param scale of pgbench's tables
 * @param clients how many connections pgbench has
 * @param share of its maximum that pgbench is driven at, 0 to 1
 * @param rounds rounds of each case
 * @param seconds the measured part of a round
 * @param warmup the part before it
 * @param maximumSeconds how long each of the three searches for pgbench's maximum takes
 * @param walSeconds how long the log is measured for each rate and level
 */
public record NeighbourSettings(
    List<Durability> levels,
    List<Integer> rates,
    int threads,
    int keys,
    int valueBytes,
    int scale,
    int clients,
    double share,
    int rounds,
    int seconds,
    int warmup,
    int maximumSeconds,
    int walSeconds) {

  /** The cases, those without Howdah first. */
  public List<NeighbourCase> cases() {
    List<NeighbourCase> cases =
        new ArrayList<>(List.of(NeighbourCase.ALONE, NeighbourCase.ALONE_AGAIN));
    for (Durability level : levels) {
      rates.forEach(rate -> cases.add(NeighbourCase.with(level, rate)));
    }
    return cases;
  }

  /** How many connections to Postgres it opens, those of pgbench among them. */
  public int connections() {
    return clients + 30;
  }

  /** The settings in the words of the command line. */
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put(
        "levels",
        levels.stream()
            .map(each -> each.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(",")));
    options.put("rates", rates.stream().map(Object::toString).collect(Collectors.joining(",")));
    options.put("threads", Integer.toString(threads));
    options.put("keys", Integer.toString(keys));
    options.put("value-bytes", Integer.toString(valueBytes));
    options.put("scale", Integer.toString(scale));
    options.put("clients", Integer.toString(clients));
    options.put("share", Double.toString(share));
    options.put("rounds", Integer.toString(rounds));
    options.put("seconds", Integer.toString(seconds));
    options.put("warmup", Integer.toString(warmup));
    options.put("maximum-seconds", Integer.toString(maximumSeconds));
    options.put("wal-seconds", Integer.toString(walSeconds));
    return options;
  }
}
