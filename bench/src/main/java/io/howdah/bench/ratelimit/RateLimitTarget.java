package io.howdah.bench.ratelimit;

import io.howdah.bench.measure.Profile;

/**
 * A rate limiter that is driven in one way; its callers wait for each answer. One instance is used
 * for the whole benchmark: it is opened and closed for each case. All its calls are made from many
 * threads.
 */
public interface RateLimitTarget extends AutoCloseable {

  /** Who this is. */
  Profile profile();

  /** Whether this workload tells anything here. */
  default boolean supports(Workload workload) {
    return true;
  }

  /** Creates what the store needs. Called once, before the first opening. */
  default void create() throws Exception {}

  /**
   * Connects.
   *
   * @param threads how many threads are going to call
   * @param allowance the limit of every key
   */
  void open(int threads, Allowance allowance) throws Exception;

  /** Asks for one call; whether it is allowed. Called when open. */
  boolean acquire(String key) throws Exception;

  /** Does now what earlier calls have left to be done in the background. Called when open. */
  void settle() throws Exception;

  /** Disconnects; what was counted stays. */
  @Override
  void close() throws Exception;
}
