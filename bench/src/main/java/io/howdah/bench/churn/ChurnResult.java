package io.howdah.bench.churn;

import io.howdah.bench.churn.ChurnSample.Phase;
import io.howdah.bench.measure.Spread;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * All that was seen.
 *
 * @param samples in the order of time
 * @param probes in the order of time
 * @param checkedAtTheEnd how many live values were read once more after the load
 * @param failures calls that failed
 * @param wrongAnswers answers that were not what they must be
 * @param problems the first of both, without repeats
 */
public record ChurnResult(
    List<ChurnSample> samples,
    List<Probe> probes,
    long checkedAtTheEnd,
    long failures,
    long wrongAnswers,
    List<String> problems) {

  /** Whether every call was answered, and rightly. */
  public boolean isValid() {
    return problems.isEmpty() && !samples.isEmpty();
  }

  /** The samples of a phase. */
  public List<ChurnSample> samples(Phase phase) {
    return samples.stream().filter(each -> each.phase() == phase).toList();
  }

  /** The runs at full speed of a phase. */
  public List<Probe> probes(Phase phase) {
    return probes.stream().filter(each -> each.phase() == phase).toList();
  }

  /** What is left of the first third's figure in the last third. */
  public record Change(double first, double last) {

    /** 1 when nothing has changed. */
    public double ratio() {
      return last / first;
    }
  }

  /** Calls per second at full speed; empty with fewer than two runs. */
  public Optional<Change> fullSpeed() {
    return change(probes(Phase.STEADY), Probe::callsPerSecond);
  }

  /** Calls per second of the steady load; empty with fewer than two samples. */
  public Optional<Change> steadyRate() {
    return steady(ChurnSample::callsPerSecond);
  }

  /** A figure of the steady load; empty with fewer than two samples. */
  public Optional<Change> steady(ToDoubleFunction<ChurnSample> figure) {
    return change(samples(Phase.STEADY), figure);
  }

  /** Processor time of the server for each call; empty where it is not known. */
  public Optional<Change> serverMicrosPerCall() {
    List<ChurnSample> known =
        samples(Phase.STEADY).stream()
            .filter(each -> each.serverMicrosPerCall().isPresent())
            .toList();
    return change(known, each -> each.serverMicrosPerCall().orElse(0));
  }

  /** Medians of the first and of the last third. */
  private static <T> Optional<Change> change(List<T> all, ToDoubleFunction<T> figure) {
    int third = Math.max(1, all.size() / 3);
    return all.size() < 2
        ? Optional.empty()
        : Optional.of(
            new Change(
                median(all.subList(0, third), figure),
                median(all.subList(all.size() - third, all.size()), figure)));
  }

  private static <T> double median(List<T> some, ToDoubleFunction<T> figure) {
    return Spread.of(some.stream().map(figure::applyAsDouble).toList()).median();
  }

  /** The tables. */
  public List<String> tables() {
    return samples.stream()
        .findFirst()
        .map(first -> first.tables().stream().map(TableSample::table).toList())
        .orElse(List.of());
  }

  /** A table over time. */
  public Stream<TableSample> table(Phase phase, String table) {
    return samples(phase).stream()
        .flatMap(sample -> sample.tables().stream())
        .filter(each -> each.table().equals(table));
  }

  /** The most that a table was, in sizes of its live values; empty without samples. */
  public OptionalDouble mostTimesLiveSize(Phase phase, String table) {
    return table(phase, table).mapToDouble(TableSample::timesLiveSize).max();
  }

  /** The share of updates that needed no new index entry; empty without updates. */
  public OptionalDouble hotShare(Phase phase, String table) {
    List<TableSample> all = table(phase, table).toList();
    if (all.isEmpty()) {
      return OptionalDouble.empty();
    }
    TableSample first = all.get(0);
    TableSample last = all.get(all.size() - 1);
    long updates = last.updates() - first.updates();
    return updates == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) (last.hotUpdates() - first.hotUpdates()) / updates);
  }
}
