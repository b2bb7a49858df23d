package io.howdah.spring;

import io.howdah.Howdah;
import io.howdah.ManagedTransactions;
import io.howdah.channel.Channels;
import io.howdah.flag.Flags;
import io.howdah.preference.Preferences;
import io.howdah.session.Sessions;
import io.howdah.token.Tokens;
import javax.sql.DataSource;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import tools.jackson.databind.json.JsonMapper;

/**
 * A {@link Howdah} on the application's own data source, where there is one, and its workloads as
 * beans.
 *
 * <p>It is opened after Flyway, Liquibase and {@code schema.sql} have run, as JPA is, and closed
 * after all that uses it. Values are made by the application's own {@link JsonMapper} where there
 * is one, so that its modules work.
 */
@AutoConfiguration(
    after = DataSourceAutoConfiguration.class,
    afterName = {
      "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
      "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
      "org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration"
    })
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnBooleanProperty(name = "howdah.enabled", matchIfMissing = true)
@EnableConfigurationProperties(HowdahProperties.class)
public final class HowdahAutoConfiguration implements BeanClassLoaderAware {
  private ClassLoader loader = HowdahAutoConfiguration.class.getClassLoader();

  @Override
  public void setBeanClassLoader(ClassLoader classLoader) {
    loader = classLoader;
  }

  @Bean
  HowdahThreads howdahThreads(Environment environment) {
    return Threading.VIRTUAL.isActive(environment)
        ? HowdahThreads.virtual()
        : HowdahThreads.platform(loader);
  }

  @Bean
  @ConditionalOnMissingBean(ManagedTransactions.class)
  @ConditionalOnBooleanProperty(name = "howdah.join-transactions", matchIfMissing = true)
  SpringTransactions howdahTransactions(
      DataSource dataSource, ObjectProvider<PlatformTransactionManager> manager) {
    return new SpringTransactions(dataSource, manager::getIfUnique);
  }

  /** Boot does so only with the managers that it makes itself. */
  @Bean
  @ConditionalOnBooleanProperty(name = "howdah.join-transactions", matchIfMissing = true)
  static BeanPostProcessor howdahTransactionListening(
      ObjectProvider<SpringTransactions> transactions) {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ConfigurableTransactionManager manager) {
          SpringTransactions listener = transactions.getIfAvailable();
          if (listener != null && !manager.getTransactionExecutionListeners().contains(listener)) {
            manager.addListener(listener);
          }
        }
        return bean;
      }
    };
  }

  @Bean
  @ConditionalOnMissingBean
  @DependsOnDatabaseInitialization
  Howdah howdah(
      DataSource dataSource,
      HowdahProperties properties,
      HowdahThreads threads,
      ObjectProvider<ManagedTransactions> transactions,
      ObjectProvider<JsonMapper> mapper,
      ObjectProvider<HowdahCustomizer> customizers) {
    Howdah.Builder builder =
        Howdah.builder(dataSource)
            .schema(properties.schema())
            .schemaMode(properties.schemaMode())
            .lazy(true)
            .callTimeout(properties.callTimeout())
            .lockTimeout(properties.lockTimeout())
            .maxValueBytes((int) Math.min(Integer.MAX_VALUE, properties.maxValueSize().toBytes()))
            .listen(properties.listen())
            .pollInterval(properties.pollInterval())
            .wipeCheckInterval(properties.wipeCheckInterval())
            .flagPollInterval(properties.flagPollInterval())
            .sweeper(properties.sweeper())
            .executor(threads.executor());
    if (properties.lanes() != null) {
      builder.lanes(properties.lanes());
    }
    if (properties.listenUrl() != null) {
      builder.listenUrl(properties.listenUrl());
    }
    transactions.ifAvailable(builder::transactions);
    mapper.ifUnique(builder::objectMapper);
    customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
    return builder.open();
  }

  /** The schema is seen to while other beans are made. */
  @Bean
  SmartInitializingSingleton howdahOpening(
      ObjectProvider<Howdah> howdah, HowdahProperties properties) {
    return () -> {
      if (properties.start() == HowdahProperties.Start.EAGER) {
        howdah.ifAvailable(Howdah::awaitOpen);
      }
    };
  }

  // Lazy, as those below: who does not use them need not wait for them at the start.
  @Bean
  @Lazy
  @ConditionalOnMissingBean
  Flags howdahFlags(Howdah howdah) {
    return howdah.flags();
  }

  @Bean
  @Lazy
  @ConditionalOnMissingBean
  Sessions howdahSessions(Howdah howdah) {
    return howdah.sessions();
  }

  @Bean
  @Lazy
  @ConditionalOnMissingBean
  Tokens howdahTokens(Howdah howdah) {
    return howdah.tokens();
  }

  @Bean
  @Lazy
  @ConditionalOnMissingBean
  Preferences howdahPreferences(Howdah howdah) {
    return howdah.preferences();
  }

  @Bean
  @Lazy
  @ConditionalOnMissingBean
  Channels howdahChannels(Howdah howdah) {
    return howdah.channels();
  }
}
