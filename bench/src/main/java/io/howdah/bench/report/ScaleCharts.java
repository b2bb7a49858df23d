package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.WorkloadInfo;
import io.howdah.bench.scale.Axis;
import io.howdah.bench.scale.Rung;
import io.howdah.bench.scale.ScaleSettings;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The charts of {@code bench scale}: a line for each contestant. */
public final class ScaleCharts {

  private final ScaleSettings settings;
  private final Report report;

  private ScaleCharts(ScaleSettings settings, Report report) {
    this.settings = settings;
    this.report = report;
  }

  /** Writes a chart for each workload, as SVG and as PNG, into a folder. */
  public static List<ChartFile> write(ScaleSettings settings, Report report, Path folder)
      throws IOException {
    ChartPicture.staysOffTheScreen();
    ScaleCharts charts = new ScaleCharts(settings, report);
    List<ChartFile> files = new ArrayList<>();
    for (WorkloadInfo workload : report.workloads()) {
      Map<String, Map<Integer, Double>> lines = charts.lines(workload.id());
      if (!lines.isEmpty()) {
        String title = charts.title(workload);
        String baseName = report.run().benchmark() + "-" + workload.id();
        charts.draw(title, lines, folder, baseName);
        files.add(new ChartFile(workload.id(), title, baseName));
      }
    }
    return files;
  }

  private String title(WorkloadInfo workload) {
    Axis axis = settings.axis();
    String callers = axis == Axis.CALLERS ? "" : ", %,d callers".formatted(settings.callers());
    return switch (axis) {
      case KEYS -> workload.label() + " by number of keys" + callers;
      case VALUES -> workload.label() + " by bytes of a value" + callers;
      case CALLERS -> workload.label() + " by number of callers";
      case LATENCY -> workload.label() + " by latency of the network" + callers;
      case PROCESSES -> workload.label() + " by number of processes" + callers;
    };
  }

  /** The label of a contestant, whatever the amount. */
  static String line(Profile profile) {
    return Rung.of(profile.name()).isPresent()
        ? profile.label().substring(0, profile.label().lastIndexOf(", "))
        : profile.label();
  }

  /** Thousand calls per second by amount, by contestant. */
  private Map<String, Map<Integer, Double>> lines(String workload) {
    Map<String, Map<Integer, Double>> lines = new LinkedHashMap<>();
    for (Profile contestant : report.contestants()) {
      for (CaseResult result : report.of(workload)) {
        if (result.isValid() && result.profile().equals(contestant)) {
          int value =
              Rung.of(contestant.name()).map(Rung::value).orElse(result.measured().threads());
          lines
              .computeIfAbsent(line(contestant), each -> new TreeMap<>())
              .put(value, ThroughputChart.thousands(result));
        }
      }
    }
    return lines;
  }

  private void draw(
      String title, Map<String, Map<Integer, Double>> lines, Path folder, String baseName)
      throws IOException {
    if (settings.values().size() == 1) {
      HorizontalBars bars =
          new HorizontalBars(title, ThroughputChart.AXIS, List.copyOf(lines.keySet()));
      bars.add(
          "measured",
          lines.values().stream().map(each -> each.values().iterator().next()).toList(),
          ChartPicture.BLUE);
      bars.write(folder, baseName);
      return;
    }
    Bars chart =
        Bars.joined(
            title,
            ThroughputChart.AXIS,
            settings.axis().label(),
            settings.values().stream().sorted().map(settings.axis()::tick).toList());
    lines.forEach((label, points) ->
        chart.add(
            label, settings.values().stream().sorted().map(points::get).toList(), colour(label)));
    chart.write(folder, baseName);
  }

  /** So that the same contestant has the same colour in all charts. */
  private static Color colour(String label) {
    if (label.startsWith("Redis")) {
      return new Color(0xdc2626);
    }
    if (label.startsWith("Howdah")) {
      return label.contains("PgBouncer") ? new Color(0x06b6d4) : ChartPicture.BLUE;
    }
    return label.contains("PgBouncer") ? new Color(0xa3a3a3) : new Color(0x525252);
  }
}
