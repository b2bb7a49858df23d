package io.howdah.bench.job;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.SchedulableInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import io.howdah.bench.server.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * db-scheduler, with the polling strategy that its documentation recommends for throughput on
 * Postgres, lock-and-fetch with the limits 0.5 and 4.0 of the threads, and immediate execution. Its
 * table is that of its own script, without the index that only priorities need.
 */
final class DbSchedulerJobs implements JobTarget {
  private final HikariDataSource pool;
  private final SchedulerClient client;
  private final OneTimeTask<Integer> task;
  private volatile @Nullable JobMeter meter;
  private @Nullable Scheduler scheduler;

  DbSchedulerJobs(PostgresServer postgres, int connections) throws SQLException {
    postgres.execute(
        "DROP TABLE IF EXISTS howdah_bench.scheduled_tasks",
        """
        CREATE TABLE howdah_bench.scheduled_tasks (
          task_name text NOT NULL, task_instance text NOT NULL, task_data bytea, execution_time timestamptz NOT NULL, picked boolean NOT NULL,
          picked_by text, last_success timestamptz, last_failure timestamptz, consecutive_failures int, last_heartbeat timestamptz,
          version bigint NOT NULL, priority smallint, PRIMARY KEY (task_name, task_instance))
        """,
        "CREATE INDEX ON howdah_bench.scheduled_tasks (execution_time)",
        "CREATE INDEX ON howdah_bench.scheduled_tasks (last_heartbeat)");
    this.pool = JobPools.open(postgres, connections);
    this.task =
        Tasks.oneTime("bench", Integer.class)
            .execute(
                (instance, context) -> Objects.requireNonNull(meter).began(instance.getData()));
    this.client = SchedulerClient.Builder.create(pool, task).build();
  }

  @Override
  public String name() {
    return "db-scheduler";
  }

  private SchedulableInstance<Integer> instance(int job) {
    return task.schedulableInstance("job-" + job, job);
  }

  @Override
  public void enqueue(int job) {
    // Through the scheduler that runs, where one does: so it may begin at once in this process.
    SchedulerClient to = scheduler == null ? client : scheduler;
    if (!to.scheduleIfNotExists(task.instance("job-" + job, job), Instant.now())) {
      throw new IllegalStateException("the job " + job + " is there already");
    }
  }

  @Override
  public void enqueueAll(int jobs) {
    for (int from = 0; from < jobs; from += 1_000) {
      List<SchedulableInstance<?>> some = new ArrayList<>();
      for (int i = from; i < Math.min(jobs, from + 1_000); i++) {
        some.add(instance(i));
      }
      client.scheduleBatch(some);
    }
  }

  @Override
  public void start(int threads, JobMeter told) {
    meter = told;
    scheduler =
        new SchedulerBuilder(pool, List.of(task))
            .threads(threads)
            .pollUsingLockAndFetch(0.5, 4.0)
            .pollingInterval(Duration.ofMillis(100))
            .enableImmediateExecution()
            .build();
    scheduler.start();
  }

  @Override
  public void stop() {
    if (scheduler != null) {
      scheduler.stop();
      scheduler = null;
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
