package io.howdah.bench.spring;

import io.howdah.bench.measure.Profile;
import java.time.Duration;
import org.springframework.cache.CacheManager;

/**
 * A cache manager that is driven in one way. One instance is used for the whole benchmark: it is
 * opened and closed for each case; what was kept stays.
 */
interface CacheableTarget extends AutoCloseable {

  /** For as long as the longest benchmark runs: nothing ends by itself. */
  Duration TIME_TO_LIVE = Duration.ofHours(24);

  /** Who this is. */
  Profile profile();

  /** Connects. The context that uses the manager initializes it. */
  CacheManager open() throws Exception;

  /** Does now what earlier calls have left to be done in the background. Called when open. */
  void settle() throws Exception;

  /** Disconnects. */
  @Override
  void close() throws Exception;
}
