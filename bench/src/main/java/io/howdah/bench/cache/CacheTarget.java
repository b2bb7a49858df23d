package io.howdah.bench.cache;

import io.howdah.bench.measure.Profile;
import java.util.function.Supplier;

/**
 * A cache that is driven in one way; its callers wait for each answer. One instance is used for the
 * whole benchmark: it is opened and closed for each case. All its calls are made from many threads.
 */
public interface CacheTarget extends AutoCloseable {

  /** Who this is. */
  Profile profile();

  /** Connects. */
  void open() throws Exception;

  /** The value, computed and kept where it is not there. Called when open. */
  String get(String key, Supplier<String> compute) throws Exception;

  /** Says that the value has changed. Called when open. */
  void evict(String key) throws Exception;

  /** Does now what earlier calls have left to be done in the background. Called when open. */
  void settle() throws Exception;

  /** Disconnects; what was kept stays. */
  @Override
  void close() throws Exception;
}
