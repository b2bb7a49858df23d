package io.howdah.bench.scale;

import java.util.Optional;

/**
 * A contestant with so much of what there is more and more of.
 *
 * @param target its name without that
 */
public record Rung(String target, int value) {

  private static final char AT = '@';

  /** Reads the name of a contestant; empty when its name says nothing of an amount. */
  public static Optional<Rung> of(String name) {
    int at = name.indexOf(AT);
    return at < 0
        ? Optional.empty()
        : Optional.of(new Rung(name.substring(0, at), Integer.parseInt(name.substring(at + 1))));
  }

  /** The name of the contestant. */
  public String name() {
    return target + AT + value;
  }
}
