package io.howdah.job;

import io.howdah.Durability;
import io.howdah.engine.Batch;
import io.howdah.engine.Levels;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import io.howdah.job.JobEnqueue.NewJob;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Enqueues one job; its id, or null when its unique key is taken. Many calls share a statement. */
final class JobEnqueue implements Operation<NewJob, @Nullable Long> {
  static final JobEnqueue ONE = new JobEnqueue();

  /** Several in one statement: the ids of those that were enqueued, null for the others. */
  static final Operation<List<NewJob>, List<@Nullable Long>> ALL = new All();

  private static final Batch<NewJob, @Nullable Long> BATCH = new EnqueueBatch();

  private static final String MANY = "${schema}._job_enqueue_many(?, ?, ?, ?, ?, ?, ?, ?, ?, ";

  private JobEnqueue() {}

  /** A job that is checked. */
  record NewJob(String queue, String payload, JobOptions options) {
    /** What no two of a statement may have in common: the unique key, or itself. */
    Object key() {
      String unique = options.uniqueKey();
      return unique == null ? new Object() : List.of(queue, unique);
    }
  }

  @Override
  public String name() {
    return "job_enqueue";
  }

  @Override
  public boolean isWrite() {
    return true;
  }

  @Override
  public String sql() {
    return "${schema}._job_enqueue(?, ?::jsonb, ?::timestamptz, ?::interval, ?, ?, ?, ?, ?)";
  }

  @Override
  public Durability level(NewJob args, Levels levels) {
    return Durability.DURABLE;
  }

  @Override
  public void bind(NewJob args, SqlArguments to) throws SQLException {
    JobOptions options = args.options();
    to.text(args.queue())
        .text(args.payload())
        .text(options.runAtText())
        .interval(options.delayMicros())
        .int4(options.priority())
        .text(options.uniqueKey())
        .int4(options.maxAttempts())
        .int8(options.backoffMicros())
        .int8(options.mostBackoffMicros());
  }

  @Override
  public @Nullable Long read(NewJob args, SqlRows rows) throws SQLException {
    return rows.int8OrNull(1);
  }

  @Override
  public Batch<NewJob, @Nullable Long> batch() {
    return BATCH;
  }

  private static void bindAll(List<NewJob> jobs, SqlArguments to) throws SQLException {
    to.texts(jobs.stream().map(NewJob::queue).toArray(String[]::new))
        .texts(jobs.stream().map(NewJob::payload).toArray(String[]::new))
        .texts(column(jobs, JobOptions::runAtText, String[]::new))
        .intervals(column(jobs, JobOptions::delayMicros, Long[]::new))
        .int8s(column(jobs, options -> (long) options.priority(), Long[]::new))
        .texts(column(jobs, JobOptions::uniqueKey, String[]::new))
        .int8s(column(jobs, options -> (long) options.maxAttempts(), Long[]::new))
        .int8s(column(jobs, JobOptions::backoffMicros, Long[]::new))
        .int8s(column(jobs, JobOptions::mostBackoffMicros, Long[]::new));
  }

  /** One that is all NULL goes as NULL. */
  private static <T> @Nullable T @Nullable [] column(
      List<NewJob> jobs, Function<JobOptions, @Nullable T> get, IntFunction<@Nullable T[]> array) {
    @Nullable T[] values = array.apply(jobs.size());
    boolean any = false;
    for (int i = 0; i < values.length; i++) {
      values[i] = get.apply(jobs.get(i).options());
      any |= values[i] != null;
    }
    return any ? values : null;
  }

  private static final class EnqueueBatch implements Batch<NewJob, @Nullable Long> {
    @Override
    public String sql(Durability level) {
      return "SELECT m.ordinal, m.id FROM " + MANY + "?, ?) AS m";
    }

    @Override
    public Object key(NewJob args) {
      return args.key();
    }

    @Override
    public int weight(NewJob args) {
      return args.payload().length() + 100;
    }

    @Override
    public NewJob merge(NewJob earlier, NewJob later) {
      return earlier;
    }

    @Override
    public @Nullable Long share(List<NewJob> merged, int position, @Nullable Long answer) {
      return position == 0 ? answer : null;
    }

    @Override
    public void bind(List<NewJob> calls, SqlArguments to) throws SQLException {
      bindAll(calls, to);
    }

    @Override
    public void read(List<NewJob> calls, SqlRows rows, Answers<@Nullable Long> answers)
        throws SQLException {
      while (rows.next()) {
        answers.byPosition((int) rows.int8(1) - 1, rows.int8(2));
      }
      answers.others(null);
    }
  }

  private static final class All implements Operation<List<NewJob>, List<@Nullable Long>> {
    @Override
    public String name() {
      return "job_enqueue_all";
    }

    @Override
    public boolean isWrite() {
      return true;
    }

    @Override
    public String sql() {
      return "ARRAY(SELECT coalesce(m.id, 0) FROM "
          + MANY
          + "NULL, false) AS m RIGHT JOIN generate_series(1, ?) AS o (ordinal) USING (ordinal) ORDER BY o.ordinal)";
    }

    @Override
    public Durability level(List<NewJob> args, Levels levels) {
      return Durability.DURABLE;
    }

    @Override
    public void bind(List<NewJob> args, SqlArguments to) throws SQLException {
      bindAll(args, to);
      to.int8((long) args.size());
    }

    @Override
    public List<@Nullable Long> read(List<NewJob> args, SqlRows rows) throws SQLException {
      List<@Nullable Long> ids = new ArrayList<>();
      for (long id : rows.int8s(1)) {
        ids.add(id == 0 ? null : id);
      }
      return ids;
    }
  }
}
