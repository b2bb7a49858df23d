package io.howdah.test.spring;

import io.howdah.test.HowdahTesting;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;

/**
 * After each test of a Spring application calls fail no more. Spring's tests find it themselves.
 */
public final class HowdahTestingListener implements TestExecutionListener {
  @Override
  public void afterTestMethod(TestContext test) {
    if (test.hasApplicationContext()
        && test.getApplicationContext() instanceof ConfigurableApplicationContext context
        && context.getBeanFactory().getSingleton(HowdahTestingConfiguration.BEAN)
            instanceof HowdahTesting testing) {
      testing.stopFailing();
    }
  }
}
