package io.howdah.test;

import org.testcontainers.containers.JdbcDatabaseContainer;

/**
 * For those who have Testcontainers. Apart from {@link HowdahPostgres}, which others use without
 * it, and whose methods are looked at by reflection.
 */
public final class HowdahContainers {
  private HowdahContainers() {}

  /**
   * The database of a container, which is started if it does not run. To close it does nothing: the
   * container is the caller's.
   */
  public static HowdahPostgres postgres(JdbcDatabaseContainer<?> container) {
    if (!container.isRunning()) {
      container.start();
    }
    return HowdahPostgres.at(
        container.getJdbcUrl(), container.getUsername(), container.getPassword());
  }
}
