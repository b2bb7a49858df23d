package io.howdah.spring.channel;

import io.howdah.Howdah;
import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.spring.HowdahProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.thread.Threading;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** Has {@link ChannelListener} methods hear channels. */
@AutoConfiguration(after = HowdahAutoConfiguration.class)
@ConditionalOnBean(Howdah.class)
@ConditionalOnBooleanProperty(name = "howdah.channel.enabled", matchIfMissing = true)
@EnableConfigurationProperties({ChannelProperties.class, HowdahProperties.class})
public final class HowdahChannelAutoConfiguration {
  @Bean
  @ConditionalOnMissingBean
  ChannelListeners howdahChannelListeners(
      ConfigurableListableBeanFactory beans,
      ObjectProvider<ChannelProperties> properties,
      HowdahProperties all,
      ApplicationEventPublisher events,
      Environment environment) {
    return new ChannelListeners(
        beans,
        properties,
        events,
        Threading.VIRTUAL.isActive(environment),
        all.start() == HowdahProperties.Start.LAZY);
  }
}
