package io.howdah.spring.cache;

import io.howdah.Howdah;
import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.spring.json.AllowedTypes;
import io.howdah.spring.json.TypedJson;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration;
import org.springframework.boot.cache.autoconfigure.CacheManagerCustomizer;
import org.springframework.boot.cache.autoconfigure.CacheManagerCustomizers;
import org.springframework.boot.cache.autoconfigure.CacheProperties;
import org.springframework.boot.cache.metrics.CacheMeterBinderProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cache.CacheManager;
import org.springframework.cache.interceptor.CacheAspectSupport;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * A {@link CacheManager} on Howdah, where {@code @EnableCaching} is and no other cache manager or
 * {@code cacheResolver} is defined, nor another one is asked for by {@code spring.cache.type}.
 */
@AutoConfiguration(after = HowdahAutoConfiguration.class, before = CacheAutoConfiguration.class)
@ConditionalOnBean({Howdah.class, CacheAspectSupport.class})
@ConditionalOnMissingBean(value = CacheManager.class, name = "cacheResolver")
@ConditionalOnBooleanProperty(name = "howdah.cache.enabled", matchIfMissing = true)
@Conditional(HowdahCacheAutoConfiguration.NoOtherType.class)
@EnableConfigurationProperties({CacheProperties.class, HowdahCacheProperties.class})
public final class HowdahCacheAutoConfiguration {
  @Bean
  HowdahCacheManager cacheManager(
      Howdah howdah,
      HowdahCacheProperties properties,
      CacheProperties cacheProperties,
      ObjectProvider<CacheManagerCustomizer<?>> customizers,
      ApplicationContext application) {
    List<String> allowed = new ArrayList<>(properties.allowedTypes());
    if (AutoConfigurationPackages.has(application)) {
      allowed.addAll(AutoConfigurationPackages.get(application));
    }
    ClassLoader loader =
        Objects.requireNonNull(application.getClassLoader(), "no class loader of the application");
    return new CacheManagerCustomizers(customizers.orderedStream().toList())
        .customize(
            new HowdahCacheManager(
                howdah,
                properties,
                cacheProperties.getCacheNames(),
                new TypedJson(AllowedTypes.of(allowed), loader, List.of()).exact()));
  }

  /** Meters of each cache, where Micrometer is there. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({MeterBinder.class, CacheMeterBinderProvider.class})
  static class Metrics {
    @Bean
    @ConditionalOnMissingBean
    CacheMeterBinderProvider<HowdahCache> howdahCacheMeterBinderProvider() {
      return HowdahCacheMetrics::new;
    }
  }

  /** Whoever names a type wants that one. */
  static final class NoOtherType extends SpringBootCondition {
    @Override
    public ConditionOutcome getMatchOutcome(
        ConditionContext context, AnnotatedTypeMetadata metadata) {
      String type = context.getEnvironment().getProperty("spring.cache.type");
      ConditionMessage.Builder message = ConditionMessage.forCondition("spring.cache.type");
      return type == null
          ? ConditionOutcome.match(message.because("no type is asked for"))
          : ConditionOutcome.noMatch(message.because("type " + type + " is asked for"));
    }
  }
}
