package io.howdah.bench.measure;

/** What a crash of the store takes away, weakest promise first. */
public enum Durability {
  /** Everything may be gone. */
  EPHEMERAL,
  /** The last fraction of a second may be gone. */
  RELAXED,
  /** Nothing that was acknowledged is gone. */
  DURABLE
}
