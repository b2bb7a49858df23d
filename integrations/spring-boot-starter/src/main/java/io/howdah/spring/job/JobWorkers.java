package io.howdah.spring.job;

import io.howdah.Howdah;
import io.howdah.TypeRef;
import io.howdah.job.JobContext;
import io.howdah.job.Worker;
import io.howdah.job.WorkerSettings;
import io.howdah.spring.BeanMethods;
import io.howdah.spring.BeanMethods.Found;
import io.howdah.spring.BeanMethods.Invocable;
import io.howdah.spring.HandlerLifecycle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * The workers of {@link JobHandler} methods. They start when all beans are there, after the web
 * server, and are stopped before it and before what handlers need.
 */
final class JobWorkers extends HandlerLifecycle implements SmartInitializingSingleton {
  private static final Logger LOG = LoggerFactory.getLogger(JobWorkers.class);

  /** How long handlers on virtual threads have to end after they were interrupted. */
  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(1);

  private final ConfigurableListableBeanFactory beans;
  private final ObjectProvider<JobProperties> lazyProperties;
  private final boolean virtual;
  private final Map<String, JobMethod> methods = new LinkedHashMap<>();
  private final List<Worker> workers = new ArrayList<>();
  private @Nullable SimpleAsyncTaskExecutor threads;

  /**
   * Starts nothing.
   *
   * @param properties are made where there is a handler
   * @param virtual whether handlers run on virtual threads
   */
  JobWorkers(
      ConfigurableListableBeanFactory beans,
      ObjectProvider<JobProperties> properties,
      boolean virtual) {
    super("howdah-jobs-stop");
    this.beans = beans;
    this.lazyProperties = properties;
    this.virtual = virtual;
  }

  @Override
  public void afterSingletonsInstantiated() {
    for (Found<JobHandler> found : BeanMethods.find(beans, JobHandler.class)) {
      String queue = beans.resolveEmbeddedValue(found.annotation().value());
      if (queue == null || queue.isEmpty()) {
        throw found.mistake("the name of a queue expected, got none");
      }
      JobMethod before = methods.put(queue, JobMethod.of(queue, found));
      if (before != null) {
        throw found.mistake("the queue " + queue + " has a handler already: " + before.found());
      }
    }
    if (!methods.isEmpty()) {
      // What is wrong with them ends the start before anything is served.
      var unused = lazyProperties.getObject();
    }
  }

  @Override
  protected void begin() {
    if (!methods.isEmpty()) {
      JobProperties properties = lazyProperties.getObject();
      for (JobMethod method : methods.values()) {
        if (properties.queue(method.queue()).enabled()) {
          workers.add(worker(method, properties));
        }
      }
    }
  }

  private Worker worker(JobMethod method, JobProperties properties) {
    Found<JobHandler> found = method.found();
    Howdah howdah = beans.getBean(Howdah.class);
    WorkerSettings settings;
    try {
      Duration lease =
          found.annotation().lease().isEmpty()
              ? null
              : DurationStyle.detectAndParse(found.annotation().lease());
      settings = properties.settings(method.queue(), found.annotation().concurrency(), lease);
    } catch (RuntimeException e) {
      throw new IllegalStateException(found + ": " + e.getMessage(), e);
    }
    if (virtual) {
      settings = settings.executor(threads());
    }
    Invocable invocable = found.on(beans);
    boolean inTransaction = found.annotation().transactional() || method.takesTransaction();
    Worker worker =
        howdah
            .jobs(method.queue(), TypeRef.of(method.payload()))
            .worker(job -> handle(method, invocable, inTransaction, job), settings);
    LOG.debug("{} does the jobs of {}", found, method.queue());
    return worker;
  }

  private SimpleAsyncTaskExecutor threads() {
    SimpleAsyncTaskExecutor made = threads;
    if (made == null) {
      made = new SimpleAsyncTaskExecutor("howdah-job-");
      made.setVirtualThreads(true);
      made.setCancelRemainingTasksOnClose(true);
      made.setTaskTerminationTimeout(AFTER_INTERRUPT.toMillis());
      threads = made;
    }
    return made;
  }

  private static void handle(
      JobMethod method, Invocable invocable, boolean inTransaction, JobContext<?> job)
      throws Exception {
    try {
      if (inTransaction) {
        job.transaction(tx -> unchecked(() -> method.invoke(invocable, job, tx)));
      } else {
        method.invoke(invocable, job, null);
      }
    } catch (HandlerFailure e) {
      throw e.failure;
    }
  }

  /** A call that may throw anything. */
  private interface Call {
    void run() throws Exception;
  }

  private static void unchecked(Call call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new HandlerFailure(e);
    }
  }

  /** Carries a checked exception out of a transaction. */
  private static final class HandlerFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final transient Exception failure;

    HandlerFailure(Exception failure) {
      super(failure);
      this.failure = failure;
    }
  }

  /** All at once, so that the grace is that of one. */
  @Override
  protected void end() {
    CountDownLatch closed = new CountDownLatch(workers.size());
    for (Worker worker : workers) {
      new Thread(
              () -> {
                try {
                  worker.close();
                } finally {
                  closed.countDown();
                }
              },
              "howdah-jobs-stop")
          .start();
    }
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    workers.clear();
    SimpleAsyncTaskExecutor made = threads;
    if (made != null) {
      made.close();
      threads = null;
    }
  }
}
