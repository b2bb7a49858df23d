package io.howdah.bench.neighbour;

import io.howdah.bench.measure.Durability;
import java.util.Locale;
import java.util.Optional;

/**
 * What runs beside pgbench.
 *
 * @param id the name in the JSON file
 * @param level durability of the namespace; empty where Howdah does not run
 * @param rate calls per second; 0 where it does not run
 */
public record NeighbourCase(String id, Optional<Durability> level, int rate) {

  /** Nothing: what the others are compared with. */
  public static final NeighbourCase ALONE = new NeighbourCase("alone", Optional.empty(), 0);

  /** Nothing once more: how far two figures are apart of which nothing is different. */
  static final NeighbourCase ALONE_AGAIN = new NeighbourCase("alone-again", Optional.empty(), 0);

  static NeighbourCase with(Durability level, int rate) {
    return new NeighbourCase(name(level) + "-" + rate, Optional.of(level), rate);
  }

  /** As reports show it. */
  public String label() {
    return level
        .map(each -> String.format(Locale.ROOT, "%s, %,d/s", name(each), rate))
        .orElse(this.equals(ALONE) ? "without Howdah" : "without Howdah, again");
  }

  private static String name(Durability level) {
    return level.name().toLowerCase(Locale.ROOT);
  }
}
