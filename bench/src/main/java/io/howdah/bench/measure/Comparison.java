package io.howdah.bench.measure;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A column of ratios.
 *
 * @param heading what the column is called, for example {@code × Redis}
 * @param figure what is divided, for example the calls per second
 * @param baselines names, for a contestant in a case, the contestants to divide by, best one first
 */
public record Comparison(String heading, ToDoubleFunction<Round> figure, Baselines baselines) {

  /** Chooses whom a contestant is compared with. */
  @FunctionalInterface
  public interface Baselines {

    /** The names of the baselines, best one first; the first that took part is used. */
    List<String> of(Profile profile, String workload);
  }

  /**
   * The ratio of a result, when it and its baseline are valid.
   *
   * @param others the results of the same case
   */
  public Optional<Ratio> of(CaseResult result, List<CaseResult> others) {
    if (!result.isValid()) {
      return Optional.empty();
    }
    return baselines.of(result.profile(), result.measured().workload()).stream()
        .flatMap(name -> others.stream().filter(other -> other.profile().name().equals(name)))
        .filter(other -> other.isValid() && other.measured().equals(result.measured()))
        .findFirst()
        .flatMap(other -> Ratio.of(result, other, figure));
  }
}
