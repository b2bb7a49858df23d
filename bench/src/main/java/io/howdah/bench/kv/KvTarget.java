package io.howdah.bench.kv;

import io.howdah.bench.measure.Profile;

/**
 * A key-value store that is driven in one way. One instance is used for the whole benchmark: it is
 * loaded once, then opened and closed for each case. All its calls are made from many threads.
 *
 * <p>How it is called says one of the sub-interfaces.
 */
public sealed interface KvTarget extends AutoCloseable
    permits BlockingTarget, PipelinedTarget, PgbenchTarget {

  /** Who this is. */
  Profile profile();

  /** Whether this workload makes sense here. */
  default boolean supports(Workload workload) {
    return true;
  }

  /** How many call it, where that is not the number of threads of the case. */
  default int callers(int threads) {
    return threads;
  }

  /**
   * Connects.
   *
   * @param threads how many threads are going to call
   */
  void open(int threads) throws Exception;

  /** Creates what the store needs, and stores revision 0 of every key. Called when open. */
  void load(Dataset dataset, LoadWatch watch) throws Exception;

  /** Does now what earlier writes have left to be done in the background. Called when open. */
  void settle() throws Exception;

  /** Disconnects; the data stay. */
  @Override
  void close() throws Exception;
}
