package io.howdah.jcache;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes what the application has given to a cache. */
final class Closing {
  private static final Logger log = LoggerFactory.getLogger(Closing.class);

  private Closing() {}

  /** Closes it if it can be closed; logs what it throws. */
  static void quietly(@Nullable Object object) {
    if (object instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        log.warn("could not close a {} of a cache", object.getClass().getName(), e);
      }
    }
  }
}
