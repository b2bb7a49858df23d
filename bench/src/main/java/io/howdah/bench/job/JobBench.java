package io.howdah.bench.job;

import io.howdah.Howdah;
import io.howdah.bench.measure.Latencies;
import io.howdah.bench.measure.Spread;
import io.howdah.bench.server.PostgresServer;
import io.howdah.bench.server.Servers;
import io.howdah.job.Jobs;
import io.howdah.job.TakenJob;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/** Measures, in rounds in which each target has its turn. */
public final class JobBench {
  private static final int PATIENCE_SECONDS = 600;

  private final JobBenchSettings settings;
  private final Servers servers;
  private final Consumer<String> progress;
  private final List<String> problems = new ArrayList<>();

  /** The figures of one target so far. */
  private static final class Figures {
    final List<Double> enqueued = new ArrayList<>();
    final List<Double> done = new ArrayList<>();
    final List<Double> drained = new ArrayList<>();
    final Histogram idle = new Histogram(3);
  }

  public JobBench(JobBenchSettings settings, Servers servers, Consumer<String> progress) {
    this.settings = settings;
    this.servers = servers;
    this.progress = progress;
  }

  /** How many connections to Postgres it opens. */
  public static int connections(int threads) {
    return threads + 40;
  }

  /** Starts the server. */
  public void prepare() throws Exception {
    PostgresServer unused = servers.postgres();
  }

  /** Measures. */
  public JobBenchResult run() throws Exception {
    Map<String, Figures> figures = new LinkedHashMap<>();
    settings.targets().forEach(name -> figures.put(name, new Figures()));
    for (int round = 0; round < settings.rounds(); round++) {
      for (Map.Entry<String, Figures> each : figures.entrySet()) {
        progress.accept(
            "round " + (round + 1) + " of " + settings.rounds() + ": " + each.getKey() + " …");
        servers.settle();
        try (JobTarget target = open(each.getKey())) {
          together(target, each.getValue());
          drain(target, each.getValue());
          idle(target, each.getValue());
        }
      }
    }
    List<JobBenchResult.Target> targets = new ArrayList<>();
    figures.forEach((name, f) ->
        targets.add(
            new JobBenchResult.Target(
                name,
                Spread.of(f.enqueued),
                Spread.of(f.done),
                Spread.of(f.drained),
                Latencies.of(f.idle))));
    return new JobBenchResult(
        targets, settings.due() == 0 ? Optional.empty() : Optional.of(claim()), problems);
  }

  private JobTarget open(String name) throws Exception {
    return switch (name) {
      case "howdah" -> new HowdahJobs(servers.postgres());
      case "db-scheduler" -> new DbSchedulerJobs(servers.postgres(), settings.threads() + 10);
      default -> new JobRunrJobs(servers.postgres(), settings.threads() + 10);
    };
  }

  private void together(JobTarget target, Figures figures) throws InterruptedException {
    JobMeter meter = new JobMeter(settings.jobs());
    target.start(settings.threads(), meter);
    long began = System.nanoTime();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < settings.threads(); t++) {
      int first = t;
      Thread thread =
          new Thread(() -> {
            for (int job = first; job < settings.jobs(); job += settings.threads()) {
              target.enqueue(job);
            }
          });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    figures.enqueued.add(perSecond(began));
    check(target, meter);
    figures.done.add(perSecond(began));
    target.stop();
  }

  private void drain(JobTarget target, Figures figures) throws InterruptedException {
    JobMeter meter = new JobMeter(settings.jobs());
    target.enqueueAll(settings.jobs());
    long began = System.nanoTime();
    target.start(settings.threads(), meter);
    check(target, meter);
    figures.drained.add(perSecond(began));
    target.stop();
  }

  private void idle(JobTarget target, Figures figures) {
    JobMeter meter = new JobMeter(settings.idleJobs());
    target.start(settings.threads(), meter);
    for (int job = 0; job < settings.idleJobs(); job++) {
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(20_000_000, 60_000_000));
      target.enqueue(job);
      long committed = System.nanoTime();
      long giveUp = committed + Duration.ofSeconds(PATIENCE_SECONDS).toNanos();
      while (!meter.hasBegun(job) && System.nanoTime() < giveUp) {
        LockSupport.parkNanos(100_000);
      }
      // It may begin before enqueue has returned.
      figures.idle.recordValue(Math.max(0, meter.beganAt(job) - committed));
    }
    if (meter.missing() > 0) {
      problems.add(target.name() + ": " + meter.missing() + " idle jobs were not done");
    }
    target.stop();
  }

  private double perSecond(long began) {
    return settings.jobs() * 1e9 / (System.nanoTime() - began);
  }

  private void check(JobTarget target, JobMeter meter) throws InterruptedException {
    if (!meter.await(PATIENCE_SECONDS)) {
      problems.add(target.name() + ": " + meter.missing() + " jobs were not done");
    }
    if (meter.twice() > 0) {
      problems.add(target.name() + ": " + meter.twice() + " jobs were done twice");
    }
  }

  private JobBenchResult.Claim claim() throws Exception {
    progress.accept(
        String.format(
            Locale.ROOT,
            "taking with %,d finished and %,d due jobs …",
            settings.finished(),
            settings.due()));
    PostgresServer postgres = servers.postgres();
    try (Howdah howdah =
        Howdah.builder(postgres.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open()) {
      postgres.execute(
          """
          INSERT INTO %s.job_ended (id, run_at, enqueued_at, ended_at, expires_at, priority, attempt, max_attempts, leases, state, queue, payload)
          SELECT -i, now(), now(), now(), now() + interval '1 day', 0, 1, 25, 1, 'completed', 'claim', '1' FROM generate_series(1, %d) AS i
          """
              .formatted(PostgresServer.HOWDAH_SCHEMA, settings.finished()),
          """
          INSERT INTO %s.job (id, run_at, enqueued_at, priority, attempt, max_attempts, leases, queue, payload)
          SELECT nextval('%1$s.job_id'), now(), now(), i %% 3, 0, 25, 0, 'claim', '1' FROM generate_series(1, %2$d) AS i
          """
              .formatted(PostgresServer.HOWDAH_SCHEMA, settings.due()));
      servers.settle();
      Jobs jobs = howdah.jobs();
      long count = 0;
      Latencies alone = singles(jobs);
      count += singles();
      Optional<JobBenchResult.Held> held = Optional.empty();
      if (settings.held() > 0) {
        held = Optional.of(held(postgres, jobs));
        count += settings.held() + 2L * singles();
      }
      long began = System.nanoTime();
      long batches = takeAndComplete(jobs, Long.MAX_VALUE);
      double seconds = (System.nanoTime() - began) / 1e9;
      if (count + batches != settings.due()) {
        problems.add("howdah: " + (count + batches) + " jobs were taken, not all");
      }
      return new JobBenchResult.Claim(
          settings.finished(), settings.due(), batches / seconds, alone, held);
    }
  }

  /** How many jobs {@link #singles(Jobs)} takes. */
  private int singles() {
    return Math.min(1_000, settings.due() / 10);
  }

  private Latencies singles(Jobs jobs) {
    Histogram nanos = new Histogram(3);
    for (int i = 0; i < singles(); i++) {
      long began = System.nanoTime();
      List<TakenJob> one = jobs.take("claim", 1, Duration.ofMinutes(10), "bench");
      nanos.recordValue(System.nanoTime() - began);
      one.forEach(job -> jobs.complete(job.id(), job.holder()));
    }
    return Latencies.of(nanos);
  }

  /** By a hundred, until there are none, or that many; how many they were. */
  private static long takeAndComplete(Jobs jobs, long most) {
    long count = 0;
    while (count < most) {
      int next = (int) Math.min(100, most - count);
      List<TakenJob> taken = jobs.take("claim", next, Duration.ofMinutes(10), "bench");
      if (taken.isEmpty()) {
        break;
      }
      count += taken.size();
      taken.parallelStream().forEach(job -> jobs.complete(job.id(), job.holder()));
    }
    return count;
  }

  /** While another session has a snapshot of before, vacuum can remove none of what was taken. */
  private JobBenchResult.Held held(PostgresServer postgres, Jobs jobs) throws SQLException {
    progress.accept(
        String.format(
            Locale.ROOT,
            "taking while a transaction stays open, in which time %,d jobs were taken …",
            settings.held()));
    Latencies during;
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
      statement.execute("SELECT count(*) FROM pg_class");
      long taken = takeAndComplete(jobs, settings.held());
      if (taken != settings.held()) {
        problems.add("howdah: " + taken + " jobs were taken beside an open transaction");
      }
      postgres.vacuum(PostgresServer.HOWDAH_SCHEMA + ".job");
      during = singles(jobs);
      statement.execute("COMMIT");
    }
    postgres.vacuum(PostgresServer.HOWDAH_SCHEMA + ".job");
    return new JobBenchResult.Held(settings.held(), during, singles(jobs));
  }
}
