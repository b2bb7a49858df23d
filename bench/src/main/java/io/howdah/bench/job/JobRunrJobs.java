package io.howdah.bench.job;

import com.zaxxer.hikari.HikariDataSource;
import io.howdah.bench.server.PostgresServer;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.jobs.mappers.JobMapper;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.JobActivator;
import org.jobrunr.storage.sql.postgres.PostgresStorageProvider;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;
import org.jspecify.annotations.Nullable;

/** JobRunr's open-source version, with the shortest poll interval that it takes. */
final class JobRunrJobs implements JobTarget {
  private static volatile @Nullable JobMeter meter;

  private final HikariDataSource pool;
  private final PostgresStorageProvider storage;
  private final Jackson3JsonMapper mapper = new Jackson3JsonMapper();
  private final JobRequestScheduler scheduler;
  private @Nullable BackgroundJobServer server;

  /** A job. */
  public record Request(int job) implements JobRequest {
    @Override
    public Class<Handler> getJobRequestHandler() {
      return Handler.class;
    }
  }

  /** Made anew for each job by JobRunr, hence the static meter. */
  public static final class Handler implements JobRequestHandler<Request> {
    @Override
    public void run(Request request) {
      Objects.requireNonNull(meter).began(request.job());
    }
  }

  JobRunrJobs(PostgresServer postgres, int connections) {
    this.pool = JobPools.open(postgres, connections);
    this.storage = new PostgresStorageProvider(pool);
    storage.setJobMapper(new JobMapper(mapper));
    this.scheduler = new JobRequestScheduler(storage);
  }

  @Override
  public String name() {
    return "jobrunr";
  }

  @Override
  public void enqueue(int job) {
    var unused = scheduler.enqueue(new Request(job));
  }

  @Override
  public void enqueueAll(int jobs) {
    scheduler.enqueue(IntStream.range(0, jobs).mapToObj(Request::new));
  }

  @Override
  public void start(int threads, JobMeter told) {
    meter = told;
    server =
        new BackgroundJobServer(
            storage,
            mapper,
            new JobActivator() {
              @Override
              public <T> T activateJob(Class<T> type) {
                return type.cast(new Handler());
              }
            },
            BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                .andWorkerCount(threads)
                .andPollInterval(Duration.ofSeconds(5)));
    server.start();
  }

  @Override
  public void stop() {
    if (server != null) {
      server.stop();
    }
  }

  @Override
  public void close() {
    scheduler.shutdown();
    storage.close();
    pool.close();
  }
}
