package io.howdah;

import io.howdah.engine.Faults;
import java.sql.Connection;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the library for tests (howdah-testing) does to a {@link Howdah}, and no application should:
 * hence it has no place among the methods of that. It may change in any version.
 */
public final class TestAccess {
  private final Machinery machinery;

  private TestAccess(Machinery machinery) {
    this.machinery = machinery;
  }

  public static TestAccess of(Howdah howdah) {
    return new TestAccess(howdah.machinery());
  }

  /** The schema of its tables and functions. */
  public String schema() {
    return machinery.engine().settings().schema();
  }

  /** Has calls fail from now on as these say, before they are sent; null for none. */
  public void faults(@Nullable Faults faults) {
    machinery.engine().faults(faults);
  }

  /**
   * Has this process know that the tables have become older by this much: near caches are empty,
   * and what a limiter denies from memory, or denies after a wipe, has so much less time.
   */
  public void advance(Duration time) {
    machinery.advance(time);
  }

  /**
   * Looks for wipes now. What there is has been announced when it returns; listeners are told on
   * the executor.
   */
  public void lookForWipes() {
    machinery.wipes().lookNow();
  }

  /**
   * Runs {@code work} in a transaction of its own, whatever transaction the thread is in.
   *
   * @throws HowdahException when the transaction fails; what {@code work} throws, after a rollback
   */
  public void ownTransaction(Consumer<Connection> work) {
    machinery.ownTransaction(work);
  }
}
