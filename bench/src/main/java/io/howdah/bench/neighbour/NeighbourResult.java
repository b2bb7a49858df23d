package io.howdah.bench.neighbour;

import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Latencies;
import io.howdah.bench.measure.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * All that was seen.
 *
 * @param maximum transactions per second of pgbench alone, as fast as it can
 * @param rounds by case, in the order of the reports
 * @param wal what Howdah's calls add to the log
 * @param growth Howdah's tables before the first and after the last round
 * @param problems wrong answers and failures, without repeats
 */
public record NeighbourResult(
    double maximum,
    Map<NeighbourCase, List<NeighbourRound>> rounds,
    List<WalCost> wal,
    List<Growth> growth,
    List<String> problems) {

  /**
   * What one call of a load adds to the log.
   *
   * @param level durability of the namespace
   * @param rate calls per second that were asked for
   * @param calls how many were answered
   * @param bytesPerCall when all pages had been written once since the last checkpoint
   * @param bytesPerCallAfterCheckpoint right after one, when the first change of each page writes
   *     it as a whole; empty on a server that is not ours
   */
  public record WalCost(
      Durability level,
      int rate,
      long calls,
      double bytesPerCall,
      OptionalDouble bytesPerCallAfterCheckpoint) {}

  /**
   * A table of Howdah's.
   *
   * @param table its name; relaxed and durable values share one
   * @param bytesBefore with its index, after loading
   * @param bytesAfter with its index, after the last round
   * @param calls how many calls there were in between, all rates together
   */
  public record Growth(String table, long bytesBefore, long bytesAfter, long calls) {}

  /** Whether every call and every transaction was answered, and rightly. */
  public boolean isValid() {
    return problems.isEmpty()
        && rounds.values().stream()
            .flatMap(List::stream)
            .allMatch(round -> round.latencies().getTotalCount() > 0);
  }

  /** The rounds of a case. */
  public List<NeighbourRound> of(NeighbourCase each) {
    return rounds.getOrDefault(each, List.of());
  }

  /** Latencies over all transactions of all rounds; empty before the first. */
  public Optional<Latencies> transactionLatencies(NeighbourCase each) {
    return merged(each, NeighbourRound::latencies);
  }

  /** Latencies over all calls of all rounds; empty where there were none. */
  public Optional<Latencies> callLatencies(NeighbourCase each) {
    return merged(each, NeighbourRound::callLatencies);
  }

  private Optional<Latencies> merged(
      NeighbourCase each, Function<NeighbourRound, Histogram> histogram) {
    List<Histogram> all = of(each).stream().map(histogram).toList();
    Histogram merged = new Histogram(3);
    all.forEach(merged::add);
    return merged.getTotalCount() == 0 ? Optional.empty() : Optional.of(Latencies.of(merged));
  }

  /** A figure over the rounds; empty before the first. */
  public Optional<Spread> spread(NeighbourCase each, ToDoubleFunction<NeighbourRound> figure) {
    List<Double> values = of(each).stream().map(figure::applyAsDouble).toList();
    return values.isEmpty() ? Optional.empty() : Optional.of(Spread.of(values));
  }

  /**
   * How many times the figure of pgbench alone it is. Each round is divided by the same round
   * without Howdah, which ran a minute or so apart from it.
   */
  public Optional<Spread> ratio(NeighbourCase each, ToDoubleFunction<NeighbourRound> figure) {
    List<Double> quotients = new ArrayList<>();
    for (NeighbourRound round : of(each)) {
      for (NeighbourRound alone : of(NeighbourCase.ALONE)) {
        double divisor = figure.applyAsDouble(alone);
        if (alone.number() == round.number() && divisor > 0) {
          quotients.add(figure.applyAsDouble(round) / divisor);
        }
      }
    }
    return quotients.isEmpty() ? Optional.empty() : Optional.of(Spread.of(quotients));
  }
}
