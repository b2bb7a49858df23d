package io.howdah.bench.job;

/** A job queue that is measured. */
public interface JobTarget extends AutoCloseable {
  /** As it is called in the reports. */
  String name();

  /** Enqueues one job with this number, which is committed when it returns. */
  void enqueue(int job);

  /** Enqueues the jobs 0 to {@code jobs}, as its documentation recommends for many. */
  void enqueueAll(int jobs);

  /** Starts as many threads that do jobs and tell the meter. */
  void start(int threads, JobMeter meter);

  /** Stops them. */
  void stop();

  @Override
  void close();
}
