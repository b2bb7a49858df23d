package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Profile;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Throughput by number of threads, a bar for each contestant. */
final class ThroughputChart {

  static final String AXIS = "Thousand calls per second (more is better)";

  private final Bars bars;

  ThroughputChart(Report report, String workload, String title, List<Profile> contestants) {
    List<Integer> threadCounts = report.threadCounts();
    bars = new Bars(title, AXIS, threadCounts.stream().map(Tables::threads).toList());
    Map<Profile.Family, Integer> seen = new EnumMap<>(Profile.Family.class);
    for (Profile contestant : contestants) {
      List<Double> values =
          threadCounts.stream()
              .map(threads -> report.of(workload, threads, contestant))
              .map(result -> result.filter(CaseResult::isValid))
              .map(result -> result.map(ThroughputChart::thousands).orElse(0.0))
              .toList();
      List<Color> ramp = colours(contestant.family());
      int index = seen.merge(contestant.family(), 1, Integer::sum) - 1;
      bars.add(contestant.label(), values, ramp.get(index % ramp.size()));
    }
  }

  void write(Path folder, String baseName) throws IOException {
    bars.write(folder, baseName);
  }

  /** Rounded to what fits over a bar. */
  static double thousands(CaseResult result) {
    double thousands = result.throughput().median() / 1_000;
    return thousands >= 9.95 ? Math.rint(thousands) : Math.rint(thousands * 10) / 10;
  }

  /** A hue for each family, so that its members are told apart and yet belong together. */
  private static List<Color> colours(Profile.Family family) {
    IntStream shades =
        switch (family) {
          case REDIS -> IntStream.of(0xb91c1c, 0xef4444, 0xf97316, 0xfbbf24, 0xfde68a);
          case POSTGRES -> IntStream.of(0x6b7280, 0x9ca3af, 0xd1d5db);
          case HOWDAH -> IntStream.of(0x1d4ed8, 0x3b82f6, 0x06b6d4, 0x67e8f9);
        };
    return shades.mapToObj(Color::new).toList();
  }
}
