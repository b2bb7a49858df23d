package io.howdah.bench.churn;

import io.howdah.bench.measure.Durability;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is measured, and how long.
 *
 * @param levels durability of the namespaces; each gets the same share of the calls
 * @param rate calls per second, all threads together
 * @param threads how many threads call
 * @param ttl the time to live of each value, from its last write or refresh
 * @param valueBytes the length of each value
 * @param length how long the steady load is measured
 * @param sampleEvery the time from one sample to the next
 * @param probe how long a run at full speed takes
 * @param probeEvery the time from the beginning of one run at full speed to that of the next
 * @param warmup how long it runs at full speed, unmeasured, before all this
 * @param recovery how long it goes on after the snapshot was released; zero without a snapshot
 */
public record ChurnSettings(
    List<Durability> levels,
    int rate,
    int threads,
    Duration ttl,
    int valueBytes,
    Duration length,
    Duration sampleEvery,
    Duration probe,
    Duration probeEvery,
    Duration warmup,
    Duration recovery) {

  /** Whether a snapshot is held open while the load is measured. */
  public boolean holdsSnapshot() {
    return !recovery.isZero();
  }

  /** The name that the files begin with: the two ways to run it do not overwrite each other. */
  public String baseName() {
    return holdsSnapshot() ? "churn-snapshot" : "churn";
  }

  /** How many live values each thread begins with. */
  int keysPerThread() {
    double perSecond = rate * ChurnCaller.NEW_PERCENT / 100.0 / threads;
    return (int) Math.max(10, Math.round(perSecond * ttl.toMillis() / 1_000));
  }

  /** The time that the measured part takes, starting and loading aside. */
  public Duration planned() {
    return warmup.plus(length).plus(recovery);
  }

  /** The settings in the words of the command line. */
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put(
        "levels",
        levels.stream()
            .map(each -> each.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(",")));
    options.put("rate", Integer.toString(rate));
    options.put("threads", Integer.toString(threads));
    options.put("ttl", seconds(ttl));
    options.put("value-bytes", Integer.toString(valueBytes));
    options.put("seconds", seconds(length));
    options.put("sample", seconds(sampleEvery));
    options.put("probe", seconds(probe));
    options.put("probe-every", seconds(probeEvery));
    options.put("warmup", seconds(warmup));
    options.put("snapshot", Boolean.toString(holdsSnapshot()));
    options.put("recovery", seconds(recovery));
    return options;
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
  }
}
