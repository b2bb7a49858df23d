package io.howdah.spring.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.lock.LockInfo;
import io.howdah.testing.TestPostgres;
import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.test.support.AbstractExtensibleLockProviderIntegrationTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** ShedLock's own tests of a provider. They wait for its times by the clock. */
class HowdahLockProviderTest extends AbstractExtensibleLockProviderIntegrationTest {
  private static Howdah howdah;

  @BeforeAll
  static void open() {
    howdah =
        Howdah.builder(TestPostgres.url())
            .schema(TestPostgres.freshSchema(HowdahLockProviderTest.class))
            .open();
  }

  @AfterAll
  static void close() {
    howdah.close();
  }

  @Override
  protected ExtensibleLockProvider getLockProvider() {
    return new HowdahLockProvider(howdah.locks(), "test:");
  }

  private static boolean isLocked(String name) {
    return howdah.locks().list().stream().map(LockInfo::name).anyMatch(("test:" + name)::equals);
  }

  @Override
  protected void assertUnlocked(String name) {
    assertThat(isLocked(name)).isFalse();
  }

  @Override
  protected void assertLocked(String name) {
    assertThat(isLocked(name)).isTrue();
  }
}
