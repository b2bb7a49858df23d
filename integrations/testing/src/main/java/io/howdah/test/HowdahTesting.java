package io.howdah.test;

import io.howdah.Arguments;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.TestAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a test can do to a {@link Howdah}: let time pass at once, lose what a crash of Postgres
 * would take, and have calls fail. For any Howdah, whoever opened it; its database is a real one.
 * Thread-safe.
 *
 * <p>The user of the database has to own the schema.
 */
public final class HowdahTesting {
  private final Howdah howdah;
  private final List<TestAccess> all = new ArrayList<>();
  private final FailingCalls failing = new FailingCalls();

  private HowdahTesting(Howdah howdah, Howdah... others) {
    this.howdah = howdah;
    all.add(TestAccess.of(howdah));
    for (Howdah other : others) {
      all.add(TestAccess.of(other));
    }
    all.forEach(access -> access.faults(failing));
  }

  /**
   * For a Howdah, and others on the same schema, such as those of a cluster in one JVM. Of several
   * for the same one, calls fail as the last one says.
   *
   * @throws InvalidArgumentException when they are on different schemas
   */
  public static HowdahTesting of(Howdah howdah, Howdah... others) {
    String schema = TestAccess.of(howdah).schema();
    for (Howdah other : others) {
      if (!TestAccess.of(other).schema().equals(schema)) {
        throw new InvalidArgumentException(
            "others",
            "others: the schema " + schema + " expected, got " + TestAccess.of(other).schema());
      }
    }
    return new HowdahTesting(howdah, others);
  }

  /**
   * Makes everything that is stored in the schema this much older, as if so much time had passed
   * since: what had less to live is dead, what had more lives on for the rest, limits refill, locks
   * and leases end, jobs are due. Near caches are emptied, and limiters forget whom they deny.
   *
   * <p>Inside a transaction that the Howdah joins by itself, as of Spring, that transaction's own
   * changes become older too, and its rollback undoes it; but for limits and locks, which are in no
   * transaction of the application's.
   *
   * <p>The clock stays where it is: docs/testing.md says what does not become older. Calls that are
   * under way may conflict with it.
   *
   * @param time 1 microsecond to 36,500 days
   * @throws InvalidArgumentException when it is outside
   * @throws HowdahException when the database does not let it: {@link ErrorCode#LOCKED} when a
   *     transaction holds a row for seconds
   */
  public void advance(Duration time) {
    long micros = Arguments.micros("time", time);
    String schema = all.get(0).schema();
    all.get(0)
        .ownTransaction(
            connection -> Scripts.advance(connection, "advance_limits", schema, micros));
    howdah.transaction(tx -> Scripts.advance(tx.connection(), "advance", schema, micros));
    all.forEach(access -> access.advance(time));
  }

  /**
   * Empties the unlogged tables, as Postgres does when it recovers from a crash: ephemeral values,
   * caches, limits. When this returns, each Howdah has found the wipe, near caches are empty, and
   * {@link Howdah#onWipe} listeners are told on its executor. Other than in a crash, connections
   * stay, and no call is cut off: that is for {@link #failNext}.
   *
   * @throws HowdahException when the database does not let it: {@link ErrorCode#LOCKED} when a
   *     transaction uses one of the tables for seconds, as one of the caller's own does
   */
  public void simulateWipe() {
    // Who has never looked would not know that there was something to lose.
    all.forEach(TestAccess::lookForWipes);
    String schema = all.get(0).schema();
    all.get(0).ownTransaction(connection -> Scripts.wipe(connection, schema));
    all.forEach(TestAccess::lookForWipes);
  }

  /**
   * Has the next calls fail that are of these functions, before anything is sent: each Java call is
   * one, also one that would have shared its statement with others, or be part of a transaction.
   * What is answered without a call, as from a near cache, does not count.
   *
   * <p>The exception is the one of a real fault. Of a write that ends with {@link
   * ErrorCode#UNAVAILABLE}, {@link ErrorCode#TIMEOUT} or {@link ErrorCode#INTERRUPTED} it says that
   * the outcome is unknown; here it has not happened.
   *
   * @param calls how many, 1 or more; they come behind those of earlier calls of this method
   * @param functions names of SQL functions, or what several begin with: {@code kv} is all of
   *     key-value, {@code kv_get} has {@code kv_get_many} among them. None: whatever the
   *     application calls, but not what Howdah does by itself (docs/testing.md has the list)
   * @throws InvalidArgumentException when {@code calls} is less than 1, or the code is {@link
   *     ErrorCode#INVALID_ARGUMENT}, with which no call fails that is sent
   */
  public void failNext(int calls, ErrorCode code, String... functions) {
    if (calls < 1) {
      throw new InvalidArgumentException("calls", "calls: 1 or more expected, got " + calls);
    }
    if (code == ErrorCode.INVALID_ARGUMENT) {
      throw new InvalidArgumentException(
          "code", "code: one of the database's or the connection's expected, got " + code);
    }
    failing.add(calls, code, List.of(functions));
  }

  /** How many of the calls that are to fail have not been made yet. */
  public int failuresLeft() {
    return failing.left();
  }

  /** No call fails any more. The extension says so after each test. */
  public void stopFailing() {
    failing.clear();
  }
}
