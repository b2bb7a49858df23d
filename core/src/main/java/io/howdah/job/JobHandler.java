package io.howdah.job;

/**
 * Does jobs, on several threads at once.
 *
 * @param <T> the payload
 */
@FunctionalInterface
public interface JobHandler<T> {
  /**
   * Does one job. When it returns, the job is completed; when it throws, the job waits for another
   * attempt, or is dead after the last one.
   *
   * <p>A job may run more than once: a worker that dies, or does not hear from the database for the
   * length of a lease, loses it to another one. {@link JobContext#transaction} has what it does in
   * this database done once.
   */
  void handle(JobContext<T> job) throws Exception;
}
