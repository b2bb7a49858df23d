package io.howdah.job;

import io.howdah.Durability;
import io.howdah.engine.Batch;
import io.howdah.engine.Levels;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import io.howdah.job.JobOperations.Held;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Completes a job; false when it was not the holder's any more. Many calls share a statement. */
final class JobComplete implements Operation<Held, Boolean> {
  static final JobComplete ONE = new JobComplete();

  private static final Batch<Held, Boolean> BATCH = new CompleteBatch();

  private JobComplete() {}

  @Override
  public String name() {
    return "job_complete";
  }

  @Override
  public boolean isWrite() {
    return true;
  }

  @Override
  public String sql() {
    return "${schema}.job_complete(?, ?)";
  }

  @Override
  public Durability level(Held args, Levels levels) {
    return Durability.DURABLE;
  }

  @Override
  public void bind(Held args, SqlArguments to) throws SQLException {
    to.int8(args.id()).text(args.holder());
  }

  @Override
  public Boolean read(Held args, SqlRows rows) throws SQLException {
    return rows.bool(1);
  }

  @Override
  public Batch<Held, Boolean> batch() {
    return BATCH;
  }

  private static final class CompleteBatch implements Batch<Held, Boolean> {
    @Override
    public String sql(Durability level) {
      return "SELECT * FROM ${schema}._job_complete_many(?, ?, ?, ?)";
    }

    @Override
    public Object key(Held args) {
      return args.id();
    }

    @Override
    public int weight(Held args) {
      return args.holder().length() + 8;
    }

    /** Another one on the same job comes too late, or this one is forged: each has its own turn. */
    @Override
    public @Nullable Held merge(Held earlier, Held later) {
      return null;
    }

    @Override
    public void bind(List<Held> calls, SqlArguments to) throws SQLException {
      JobOperations.held(calls, to);
    }

    @Override
    public void read(List<Held> calls, SqlRows rows, Answers<Boolean> answers) throws SQLException {
      while (rows.next()) {
        answers.byKey(rows.int8(1), true);
      }
      answers.others(false);
    }
  }
}
