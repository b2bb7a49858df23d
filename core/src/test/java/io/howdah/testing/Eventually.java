package io.howdah.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread or another process does. */
public final class Eventually {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Eventually() {}

  /** Returns when {@code condition} holds; fails when it does not within 30 seconds. */
  public static void holds(String what, BooleanSupplier condition) {
    holds(what, PATIENCE, condition);
  }

  /** The same, with another patience. */
  public static void holds(String what, Duration patience, BooleanSupplier condition) {
    long giveUpAt = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(giveUpAt);
      LockSupport.parkNanos(5_000_000);
    }
  }
}
