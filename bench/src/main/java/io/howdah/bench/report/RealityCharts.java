package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.WorkloadInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The charts of {@code bench reality}: what is said beside what was measured. */
public final class RealityCharts {

  private RealityCharts() {}

  /** Writes a chart for each workload, with the most threads, as SVG and as PNG, into a folder. */
  public static List<ChartFile> write(Report report, Path folder) throws IOException {
    ChartPicture.staysOffTheScreen();
    List<ChartFile> files = new ArrayList<>();
    int threads = report.threadCounts().stream().mapToInt(Integer::intValue).max().orElse(0);
    for (WorkloadInfo workload : report.workloads()) {
      List<CaseResult> results =
          report.of(workload.id()).stream()
              .filter(each -> each.measured().threads() == threads && each.isValid())
              .toList();
      if (!results.isEmpty()) {
        String title = workload.label() + ", " + Tables.threads(threads);
        String baseName = report.run().benchmark() + "-" + workload.id();
        bars(title, results).write(folder, baseName);
        files.add(new ChartFile(workload.id(), title, baseName));
      }
    }
    return files;
  }

  /** A bar of what is said would be ten times as long as all others, so it is said in words. */
  private static String name(CaseResult result) {
    String said = Claims.said(result.profile().name());
    return result.profile().label() + (said.equals("–") ? "" : "  (said: " + said + ")");
  }

  private static HorizontalBars bars(String title, List<CaseResult> results) {
    HorizontalBars bars =
        new HorizontalBars(
            title, ThroughputChart.AXIS, results.stream().map(RealityCharts::name).toList());
    bars.add(
        "measured", results.stream().map(ThroughputChart::thousands).toList(), ChartPicture.BLUE);
    return bars;
  }
}
