package io.howdah.job;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Durability;
import io.howdah.engine.Levels;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The statements of jobs, on job.sql, but for those that go in batches. */
final class JobOperations {
  private JobOperations() {}

  /** A job and who has it. */
  record Held(long id, String holder) {}

  record Take(String queue, int maxRows, long leaseMicros, String worker) {}

  record Renew(List<Held> jobs, long leaseMicros) {}

  record Fail(Held job, String error, @Nullable Long retryMicros) {}

  record Keep(String queue, long completedMicros, long failedMicros) {}

  record Page(String queue, JobState state, long after, int maxRows) {}

  /** Binds the arguments. */
  private interface Binder<A> {
    void bind(A args, SqlArguments to) throws SQLException;
  }

  private record Simple<A, R extends @Nullable Object>(
      String name,
      boolean isWrite,
      boolean isQuery,
      String sql,
      Binder<A> binder,
      Reader<A, R> reader)
      implements Operation<A, R> {
    @Override
    public void bind(A args, SqlArguments to) throws SQLException {
      binder.bind(args, to);
    }

    @Override
    public R read(A args, SqlRows rows) throws SQLException {
      return reader.read(args, rows);
    }

    @Override
    public Durability level(A args, Levels levels) {
      return Durability.DURABLE;
    }
  }

  /** Reads the answer. */
  private interface Reader<A, R extends @Nullable Object> {
    R read(A args, SqlRows rows) throws SQLException;
  }

  private static <A, R extends @Nullable Object> Operation<A, R> write(
      String name, String sql, Binder<A> binder, Reader<A, R> reader) {
    return new Simple<>(name, true, false, sql, binder, reader);
  }

  private static <A, R extends @Nullable Object> Operation<A, R> query(
      String name, String sql, Binder<A> binder, Reader<A, R> reader) {
    return new Simple<>(name, false, true, sql, binder, reader);
  }

  /** There is always a row, as a write has to have one: NULLs where no job is due. */
  static final Operation<Take, List<TakenJob>> TAKE =
      write(
          "job_take",
          "t.id, t.payload::text, t.attempt, t.max_attempts, t.priority, t.run_at, t.enqueued_at, t.holder, t.leased_until,"
              + " (extract(epoch FROM t.backoff) * 1000000)::bigint, (extract(epoch FROM t.backoff_most) * 1000000)::bigint"
              + " FROM (VALUES (1)) AS one LEFT JOIN LATERAL ${schema}.job_take(?, ?, ?::interval, ?) AS t ON true",
          (args, to) ->
              to.text(args.queue())
                  .int4(args.maxRows())
                  .interval(args.leaseMicros())
                  .text(args.worker()),
          JobOperations::taken);

  /** In microseconds; null when nothing waits. */
  static final Operation<String, @Nullable Long> NEXT_IN =
      query(
          "job_next_in",
          "SELECT (extract(epoch FROM ${schema}._job_next_in(?)) * 1000000)::bigint",
          (args, to) -> to.text(args),
          (args, rows) -> rows.next() ? rows.int8OrNull(1) : null);

  /** The ids of those that are lost. */
  static final Operation<Renew, List<Long>> HEARTBEAT =
      write(
          "job_heartbeat",
          "${schema}._job_heartbeat_many(?, ?, ?::interval)",
          (args, to) -> held(args.jobs(), to).interval(args.leaseMicros()),
          (args, rows) -> Arrays.stream(rows.int8s(1)).boxed().toList());

  static final Operation<Fail, Boolean> FAIL =
      write(
          "job_fail",
          "${schema}.job_fail(?, ?, ?, ?::interval)",
          (args, to) ->
              to.int8(args.job().id())
                  .text(args.job().holder())
                  .text(args.error())
                  .interval(args.retryMicros()),
          (args, rows) -> rows.bool(1));

  /** How many. */
  static final Operation<List<Held>, Long> RELEASE =
      write(
          "job_release",
          "${schema}._job_release_many(?, ?)",
          (args, to) -> held(args, to),
          (args, rows) -> rows.int8(1));

  static final Operation<Long, Boolean> CANCEL =
      write(
          "job_cancel",
          "${schema}.job_cancel(?)",
          (args, to) -> to.int8(args),
          (args, rows) -> rows.bool(1));

  static final Operation<Long, Boolean> RETRY =
      write(
          "job_retry",
          "${schema}.job_retry(?)",
          (args, to) -> to.int8(args),
          (args, rows) -> rows.bool(1));

  static final Operation<Keep, Boolean> KEEP =
      write(
          "job_keep",
          "${schema}.job_keep(?, ?::interval, ?::interval)",
          (args, to) ->
              to.text(args.queue()).interval(args.completedMicros()).interval(args.failedMicros()),
          (args, rows) -> true);

  static final Operation<Long, Optional<JobInfo>> GET =
      query(
          "job_get",
          "SELECT ?::bigint, j.queue, j.state, " + Columns.INFO + " FROM ${schema}.job_get(?) AS j",
          (args, to) -> to.int8(args).int8(args),
          (args, rows) -> rows.next() ? Optional.of(info(rows)) : Optional.empty());

  static final Operation<Page, List<JobInfo>> LIST =
      query(
          "job_list",
          "SELECT j.id, ?, ?, " + Columns.INFO + " FROM ${schema}.job_list(?, ?, ?, ?) AS j",
          (args, to) ->
              to.text(args.queue())
                  .text(args.state().sqlName())
                  .text(args.queue())
                  .text(args.state().sqlName())
                  .int8(args.after())
                  .int4(args.maxRows()),
          (args, rows) -> {
            List<JobInfo> jobs = new ArrayList<>();
            while (rows.next()) {
              jobs.add(info(rows));
            }
            return jobs;
          });

  static final Operation<Optional<String>, List<JobCount>> COUNTS =
      query(
          "job_counts",
          "SELECT c.name, c.state, c.jobs, c.oldest_run_at FROM ${schema}.job_counts(?) AS c ORDER BY 1, 2",
          (args, to) -> to.text(args.orElse(null)),
          (args, rows) -> {
            List<JobCount> counts = new ArrayList<>();
            while (rows.next()) {
              counts.add(
                  new JobCount(text(rows, 1), text(rows, 2), rows.int8(3), instant(rows, 4)));
            }
            return counts;
          });

  private static final class Columns {
    static final String INFO =
        "j.payload::text, j.attempt, j.max_attempts, j.priority, j.run_at, j.enqueued_at, j.taken_at, j.leased_until,"
            + " j.ended_at, j.holder, j.error, j.unique_key";
  }

  @CanIgnoreReturnValue
  static SqlArguments held(List<Held> jobs, SqlArguments to) throws SQLException {
    return to.int8s(jobs.stream().map(Held::id).toArray(Long[]::new))
        .texts(jobs.stream().map(Held::holder).toArray(String[]::new));
  }

  private static List<TakenJob> taken(Take args, SqlRows rows) throws SQLException {
    List<TakenJob> jobs = new ArrayList<>();
    do {
      Long id = rows.int8OrNull(1);
      if (id == null) {
        break;
      }
      jobs.add(
          new TakenJob(
              id,
              args.queue(),
              text(rows, 2),
              (int) rows.int8(3),
              (int) rows.int8(4),
              (int) rows.int8(5),
              instant(rows, 6),
              instant(rows, 7),
              text(rows, 8),
              instant(rows, 9),
              backoff(rows.int8OrNull(10), rows.int8OrNull(11))));
    } while (rows.next());
    return jobs;
  }

  private static Optional<JobBackoff> backoff(@Nullable Long first, @Nullable Long most) {
    return first == null || most == null
        ? Optional.empty()
        : Optional.of(
            new JobBackoff(
                Duration.ofNanos(Math.multiplyExact(first, 1_000L)),
                Duration.ofNanos(Math.multiplyExact(most, 1_000L))));
  }

  private static JobInfo info(SqlRows rows) throws SQLException {
    return new JobInfo(
        rows.int8(1),
        text(rows, 2),
        JobState.of(text(rows, 3)),
        text(rows, 4),
        (int) rows.int8(5),
        (int) rows.int8(6),
        (int) rows.int8(7),
        instant(rows, 8),
        instant(rows, 9),
        Optional.ofNullable(rows.instant(10)),
        Optional.ofNullable(rows.instant(11)),
        Optional.ofNullable(rows.instant(12)),
        Optional.ofNullable(rows.text(13)),
        Optional.ofNullable(rows.text(14)),
        Optional.ofNullable(rows.text(15)));
  }

  private static String text(SqlRows rows, int column) throws SQLException {
    return Objects.requireNonNull(rows.text(column));
  }

  private static Instant instant(SqlRows rows, int column) throws SQLException {
    return Objects.requireNonNull(rows.instant(column));
  }
}
