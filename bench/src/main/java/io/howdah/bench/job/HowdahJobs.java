package io.howdah.bench.job;

import io.howdah.Howdah;
import io.howdah.bench.server.PostgresServer;
import io.howdah.job.JobQueue;
import io.howdah.job.Worker;
import io.howdah.job.WorkerSettings;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Howdah: prefetching, as its documentation recommends for short jobs. */
final class HowdahJobs implements JobTarget {
  private final Howdah howdah;
  private final JobQueue<Integer> queue;
  private @Nullable Worker worker;

  HowdahJobs(PostgresServer postgres) {
    this.howdah = Howdah.builder(postgres.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open();
    this.queue = howdah.jobs("bench", Integer.class);
  }

  @Override
  public String name() {
    return "howdah";
  }

  @Override
  public void enqueue(int job) {
    queue.enqueue(job);
  }

  @Override
  public void enqueueAll(int jobs) {
    for (int from = 0; from < jobs; from += 1_000) {
      List<Integer> some = IntStream.range(from, Math.min(jobs, from + 1_000)).boxed().toList();
      queue.enqueueAll(some);
    }
  }

  @Override
  public void start(int threads, JobMeter meter) {
    worker =
        queue.worker(
            job -> meter.began(job.payload()),
            WorkerSettings.defaults().concurrency(threads).prefetch(500));
  }

  @Override
  public void stop() {
    if (worker != null) {
      worker.close();
    }
  }

  @Override
  public void close() {
    howdah.close();
  }
}
