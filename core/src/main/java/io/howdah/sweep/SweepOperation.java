package io.howdah.sweep;

import io.howdah.engine.Caller;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * One batch of sweeping, in a transaction of its own. To the engine it is a read: it may be
 * repeated when its connection breaks.
 *
 * <p>Its commit does not wait for the flush: what a crash brings back is dead all the same.
 */
public final class SweepOperation implements Operation<String, SweepReport> {
  /** What is due only. */
  private static final SweepOperation DUE =
      new SweepOperation("sweep_due", "_sweep(statement_timestamp(), NULL, 0)");

  /** What the hand would come to next, due or not. */
  private static final SweepOperation NOW = new SweepOperation("sweep", "sweep()");

  private final String name;
  private final String function;

  private SweepOperation(String name, String function) {
    this.name = name;
    this.function = function;
  }

  /** Sweeps one batch, whether it is due or not. */
  public static SweepReport sweep(Caller caller) {
    return caller.call(NOW, "");
  }

  /** Sweeps one batch of what is due. */
  static SweepReport sweepDue(Caller caller) {
    return caller.call(DUE, "");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isWrite() {
    return false;
  }

  @Override
  public boolean isQuery() {
    return true;
  }

  @Override
  public String sql() {
    return "SELECT s.outcome, s.pages, s.removed, s.evicted, s.is_done,"
        + " (extract(epoch FROM s.next_in) * 1000000)::bigint, s.warning,"
        + " set_config('synchronous_commit', 'off', true) FROM ${schema}."
        + function
        + " AS s";
  }

  @Override
  public void bind(String args, SqlArguments to) {}

  @Override
  public SweepReport read(String args, SqlRows rows) throws SQLException {
    if (!rows.next()) {
      throw new IllegalStateException("sweep gave no row");
    }
    return new SweepReport(
        SweepReport.Outcome.valueOf(Objects.requireNonNull(rows.text(1)).toUpperCase(Locale.ROOT)),
        rows.int8(2),
        rows.int8(3),
        rows.int8(4),
        rows.bool(5),
        Duration.ofNanos(rows.int8(6) * 1_000),
        Optional.ofNullable(rows.text(7)));
  }
}
