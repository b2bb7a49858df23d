package io.howdah.bench.kv;

import java.time.Duration;

/**
 * In what a contestant differs from others of the same name, which may take part beside it.
 *
 * @param edition its data are its own: each number has its tables, its schema, its Redis database
 * @param addedRoundTrip how much further away its server seems to be
 * @param lanes how many connections Howdah has at most; 0 for as many as it has where nothing is
 *     said
 */
public record Variant(int edition, Duration addedRoundTrip, int lanes) {

  /** As it is without a word. */
  public static final Variant STANDARD = new Variant(0, Duration.ZERO, 0);

  /** What the name of a table or schema ends with. */
  String suffix() {
    return edition == 0 ? "" : "_" + edition;
  }

  /** What a description of driving ends with. */
  String driving() {
    return addedRoundTrip.isZero()
        ? ""
        : ", %s µs further away".formatted(addedRoundTrip.toNanos() / 1_000);
  }
}
