package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Latencies;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Ratio;
import io.howdah.bench.measure.Round;
import io.howdah.bench.measure.Spread;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The report for programs: everything, with the raw figures of every round. */
public final class JsonReport {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private JsonReport() {}

  /** Writes the report to a file. */
  public static void write(Report report, Path file) {
    write(map(report), file);
  }

  static void write(Map<String, Object> report, Path file) {
    MAPPER.writeValue(file, report);
  }

  private static Map<String, Object> map(Report report) {
    Map<String, Object> map = report.run().asMap(report.isValid());
    Map<String, Object> workloads = new LinkedHashMap<>();
    report.workloads().forEach(each -> workloads.put(each.id(), each.label()));
    map.put("workloads", workloads);
    map.put("contestants", report.contestants().stream().map(JsonReport::map).toList());
    map.put("results", report.results().stream().map(each -> map(report, each)).toList());
    return map;
  }

  private static Map<String, Object> map(Profile profile) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", profile.name());
    map.put("label", profile.label());
    map.put("driving", profile.driving());
    map.put("family", lowerCase(profile.family()));
    map.put("durability", lowerCase(profile.durability()));
    return map;
  }

  private static Map<String, Object> map(Report report, CaseResult result) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("workload", result.measured().workload());
    map.put("threads", result.measured().threads());
    map.put("contestant", result.profile().name());
    map.put("valid", result.isValid());
    map.put("wrongAnswers", result.wrongAnswers());
    map.put("problems", result.problems());
    if (!result.rounds().isEmpty()) {
      map.put("callsPerSecond", map(result.throughput(), 1));
      map.put("latencyMicros", map(result.latencies()));
    }
    Map<String, Object> ratios = new LinkedHashMap<>();
    report.ratios(result).forEach((heading, ratio) -> ratios.put(heading, map(ratio)));
    map.put("ratios", ratios);
    map.put("rounds", result.rounds().stream().map(JsonReport::map).toList());
    return map;
  }

  private static Map<String, Object> map(Round round) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("round", round.number() + 1);
    map.put("position", round.position() + 1);
    map.put("calls", round.calls());
    map.put("seconds", round.nanos() / 1e9);
    map.put("callsPerSecond", rounded(round.callsPerSecond(), 1));
    map.put("wrongAnswers", round.wrongAnswers());
    map.put("latencyMicros", map(Latencies.of(round.latencies())));
    return map;
  }

  private static Map<String, Object> map(Ratio ratio) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("baseline", ratio.baseline());
    map.putAll(map(ratio.spread(), 3));
    List<Double> rounds = ratio.rounds().stream().map(each -> rounded(each, 3)).toList();
    map.put("rounds", rounds);
    return map;
  }

  static Map<String, Object> map(Spread spread, int digits) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("median", rounded(spread.median(), digits));
    map.put("min", rounded(spread.min(), digits));
    map.put("max", rounded(spread.max(), digits));
    return map;
  }

  static Map<String, Object> map(Latencies latencies) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("mean", rounded(latencies.mean(), 1));
    map.put("p50", rounded(latencies.p50(), 1));
    map.put("p99", rounded(latencies.p99(), 1));
    map.put("p999", rounded(latencies.p999(), 1));
    map.put("max", rounded(latencies.max(), 1));
    return map;
  }

  static double rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.round(value * scale) / scale;
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
