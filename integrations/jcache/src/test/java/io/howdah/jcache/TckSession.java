package io.howdah.jcache;

import io.howdah.testing.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Says to the TCK, which knows nothing but {@code Caching.getCachingProvider()}, where the database
 * is; and counts its tests. With {@code howdah.test.pooler} it is reached through PgBouncer.
 */
public final class TckSession implements LauncherSessionListener {
  static final AtomicInteger RAN = new AtomicInteger();

  private Pooler pooler;

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    session.getLauncher().registerTestExecutionListeners(new Counter());
    System.setProperty(ManagerSettings.URL, url());
    System.setProperty(ManagerSettings.SCHEMA, TestPostgres.freshSchema(TckSession.class));
    System.setProperty(
        ManagerSettings.ALLOWED_CLASSES, "domain.*;org.jsr107.tck.**;javax.cache.**;java.lang.*");
  }

  private String url() {
    if (!Boolean.getBoolean("howdah.test.pooler")) {
      return TestPostgres.url();
    }
    try {
      pooler = new Pooler();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // Its transactions are on plain connections, which cannot keep prepared statements behind it.
    return pooler.url() + "&prepareThreshold=0";
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    if (pooler != null) {
      try {
        pooler.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
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
