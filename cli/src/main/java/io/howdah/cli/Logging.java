package io.howdah.cli;

import ch.qos.logback.classic.Level;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/** How much is logged, to standard error: warnings, or more. */
final class Logging {
  /**
   * The driver has its own logging, and says the same in its exceptions. Held here, for the setting
   * lives as long as the logger.
   */
  private static final Logger DRIVER = Logger.getLogger("org.postgresql");

  private static volatile boolean verbose;

  private Logging() {}

  static void quiet() {
    DRIVER.setLevel(java.util.logging.Level.OFF);
  }

  static void verbose() {
    verbose = true;
    ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME))
        .setLevel(Level.INFO);
  }

  static boolean isVerbose() {
    return verbose;
  }
}
