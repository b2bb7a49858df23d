package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Ratio;
import io.howdah.bench.measure.WorkloadInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that is known of one run of a benchmark.
 *
 * @param run what was run, on what
 * @param workloads in the order of the reports
 * @param contestants in the order of the reports
 * @param comparisons the columns of ratios
 * @param results one for each contestant in each case
 */
public record Report(
    RunInfo run,
    List<WorkloadInfo> workloads,
    List<Profile> contestants,
    List<Comparison> comparisons,
    List<CaseResult> results) {

  /** The same report with these results. */
  public Report with(List<CaseResult> newResults) {
    return new Report(run, workloads, contestants, comparisons, newResults);
  }

  /** Whether every result is valid. */
  public boolean isValid() {
    return results.stream().allMatch(CaseResult::isValid);
  }

  String label(String workload) {
    return workloads.stream()
        .filter(each -> each.id().equals(workload))
        .map(WorkloadInfo::label)
        .findFirst()
        .orElse(workload);
  }

  List<Integer> threadCounts() {
    return results.stream().map(result -> result.measured().threads()).distinct().toList();
  }

  List<CaseResult> of(String workload) {
    return results.stream()
        .filter(result -> result.measured().workload().equals(workload))
        .toList();
  }

  Optional<CaseResult> of(String workload, int threads, Profile contestant) {
    return of(workload).stream()
        .filter(result -> result.measured().threads() == threads)
        .filter(result -> result.profile().equals(contestant))
        .findFirst();
  }

  /** The ratios of a result, by the heading of their column. */
  Map<String, Ratio> ratios(CaseResult result) {
    Map<String, Ratio> ratios = new LinkedHashMap<>();
    List<CaseResult> peers =
        results.stream().filter(each -> each.measured().equals(result.measured())).toList();
    for (Comparison comparison : comparisons) {
      comparison.of(result, peers).ifPresent(ratio -> ratios.put(comparison.heading(), ratio));
    }
    return ratios;
  }
}
