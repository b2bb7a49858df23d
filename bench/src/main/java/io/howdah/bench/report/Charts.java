package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.WorkloadInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The charts of a report. A write that survives a crash and one that does not are never in one
 * picture: the eye would compare what no reader should. Reads are shown of the ephemeral stores
 * only, because what a write promises does not change what a read costs.
 */
public final class Charts {

  private final Report report;
  private final Path folder;
  private final List<ChartFile> files = new ArrayList<>();

  private Charts(Report report, Path folder) {
    this.report = report;
    this.folder = folder;
  }

  /** Writes all charts, each as SVG and as PNG, into a folder. */
  public static List<ChartFile> write(Report report, Path folder) throws IOException {
    ChartPicture.staysOffTheScreen();
    Charts charts = new Charts(report, folder);
    for (WorkloadInfo workload : report.workloads()) {
      if (workload.writes()) {
        charts.add(workload, ", ephemeral", "", Durability.EPHEMERAL::equals);
        charts.add(
            workload, ", relaxed and durable", "-durable", each -> each != Durability.EPHEMERAL);
      } else {
        charts.add(workload, "", "", Durability.EPHEMERAL::equals);
      }
    }
    return List.copyOf(charts.files);
  }

  private void add(
      WorkloadInfo workload, String titleEnd, String nameEnd, Predicate<Durability> durability)
      throws IOException {
    List<Profile> contestants =
        report.of(workload.id()).stream()
            .filter(CaseResult::isValid)
            .map(CaseResult::profile)
            .distinct()
            .filter(each -> durability.test(each.durability()))
            .sorted(Comparator.comparing(Profile::durability))
            .toList();
    if (contestants.isEmpty()) {
      return;
    }
    String title = workload.label() + titleEnd;
    String baseName = report.run().benchmark() + "-" + workload.id() + nameEnd;
    new ThroughputChart(report, workload.id(), title, contestants).write(folder, baseName);
    files.add(new ChartFile(workload.id(), title, baseName));
  }
}
