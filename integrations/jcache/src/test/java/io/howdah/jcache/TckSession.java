package io.howdah.jcache;

import io.howdah.testing.TestPostgres;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Says to the TCK, which knows nothing but {@code Caching.getCachingProvider()}, where the database
 * is; and counts its tests.
 */
public final class TckSession implements LauncherSessionListener {
  static final AtomicInteger RAN = new AtomicInteger();

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    session.getLauncher().registerTestExecutionListeners(new Counter());
    System.setProperty(ManagerSettings.URL, TestPostgres.urlForHowdah());
    System.setProperty(ManagerSettings.SCHEMA, TestPostgres.freshSchema(TckSession.class));
    System.setProperty(
        ManagerSettings.ALLOWED_CLASSES, "domain.*;org.jsr107.tck.**;javax.cache.**;java.lang.*");
  }

  private static final class Counter implements TestExecutionListener {
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest() && test.getUniqueId().startsWith("[engine:junit-vintage]")) {
        RAN.incrementAndGet();
      }
    }
  }
}
