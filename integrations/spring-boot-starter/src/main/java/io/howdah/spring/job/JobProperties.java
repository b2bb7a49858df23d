package io.howdah.spring.job;

import io.howdah.job.JobBackoff;
import io.howdah.job.WorkerSettings;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Lazy;

/**
 * Workers of {@link JobHandler} methods.
 *
 * @param enabled whether this process does jobs
 * @param concurrency how many jobs of a queue a process does at once: 1 to 1,000
 * @param prefetch how many more it holds, for jobs of less than some milliseconds: 0 to 1,000
 * @param lease for how long a job is a process's after it was last heard of: 300 ms to 1 day
 * @param pollInterval how often it looks for jobs where it hears of none: 10 ms to 1 minute
 * @param grace how long jobs that run may go on when the application is stopped, then they are
 *     interrupted: 0 to 1 day; less than spring.lifecycle.timeout-per-shutdown-phase
 * @param backoffFirst how long a job waits after its first failure: 1 ms to backoffMost
 * @param backoffMost how long it waits at most: up to 36,500 days
 * @param queues what is different for a queue, by its name
 */
@ConfigurationProperties("howdah.job")
@Lazy
public record JobProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("10") int concurrency,
    @DefaultValue("0") int prefetch,
    @DefaultValue("30s") Duration lease,
    @DefaultValue("1s") Duration pollInterval,
    @DefaultValue("20s") Duration grace,
    @DefaultValue("1s") Duration backoffFirst,
    @DefaultValue("1h") Duration backoffMost,
    @DefaultValue Map<String, Queue> queues) {

  /**
   * What is different for a queue.
   *
   * @param enabled whether this process does its jobs
   * @param concurrency as for all
   * @param prefetch as for all
   * @param lease as for all
   * @param pollInterval as for all
   * @param backoffFirst as for all
   * @param backoffMost as for all
   */
  public record Queue(
      @DefaultValue("true") boolean enabled,
      @Nullable Integer concurrency,
      @Nullable Integer prefetch,
      @Nullable Duration lease,
      @Nullable Duration pollInterval,
      @Nullable Duration backoffFirst,
      @Nullable Duration backoffMost) {
    private static final Queue AS_ALL = new Queue(true, null, null, null, null, null, null);
  }

  Queue queue(String name) {
    return queues.getOrDefault(name, Queue.AS_ALL);
  }

  /**
   * How the worker of a queue works: as the properties of the queue say, else as its annotation
   * does, else as the properties of all.
   */
  WorkerSettings settings(
      String name, int annotatedConcurrency, @Nullable Duration annotatedLease) {
    Queue own = queue(name);
    return WorkerSettings.defaults()
        .concurrency(
            or(own.concurrency(), annotatedConcurrency == 0 ? concurrency : annotatedConcurrency))
        .prefetch(or(own.prefetch(), prefetch))
        .lease(or(own.lease(), or(annotatedLease, lease)))
        .pollInterval(or(own.pollInterval(), pollInterval))
        .grace(grace)
        .backoff(
            new JobBackoff(
                or(own.backoffFirst(), backoffFirst), or(own.backoffMost(), backoffMost)));
  }

  private static <T> T or(@Nullable T given, T otherwise) {
    return given == null ? otherwise : given;
  }
}
