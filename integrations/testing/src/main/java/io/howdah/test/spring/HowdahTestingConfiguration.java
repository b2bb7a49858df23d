package io.howdah.test.spring;

import io.howdah.Howdah;
import io.howdah.test.HowdahTesting;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** The controls of the application's Howdah. */
@Configuration(proxyBeanMethods = false)
class HowdahTestingConfiguration {
  static final String BEAN = "howdahTesting";

  // Lazy: an application in which no test asks for it may have no Howdah.
  @Bean(BEAN)
  @Lazy
  HowdahTesting howdahTesting(Howdah howdah) {
    return HowdahTesting.of(howdah);
  }
}
