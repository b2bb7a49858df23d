package io.howdah.spring.ratelimit;

import io.howdah.Howdah;
import io.howdah.spring.HowdahAutoConfiguration;
import java.util.List;
import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.DispatcherServlet;

/** Limits of methods ({@link RateLimited}) and of paths ({@link RateLimitProperties.Rule}). */
@AutoConfiguration(after = HowdahAutoConfiguration.class)
@ConditionalOnBean(Howdah.class)
@ConditionalOnBooleanProperty(name = "howdah.rate-limit.enabled", matchIfMissing = true)
@EnableConfigurationProperties(RateLimitProperties.class)
@Import(HowdahRateLimitAutoConfiguration.Proxies.class)
public final class HowdahRateLimitAutoConfiguration {
  private static final int BEFORE_TRANSACTIONS = -1_000;

  @Bean
  Limiters howdahLimiters(Howdah howdah, RateLimitProperties properties) {
    return new Limiters(howdah, properties);
  }

  @Bean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  @ConditionalOnMissingBean(name = "howdahRateLimitAdvisor")
  static RateLimitAdvisor howdahRateLimitAdvisor(
      ConfigurableBeanFactory beans, ObjectProvider<Limiters> limiters, Environment environment) {
    MethodLimits methods = new MethodLimits(beans);
    // Not from the properties: they would be made before what processes beans.
    int order =
        environment.getProperty(
            "howdah.rate-limit.interceptor-order", Integer.class, BEFORE_TRANSACTIONS);
    return new RateLimitAdvisor(methods, new RateLimitInterceptor(methods, limiters, beans), order);
  }

  /** Has advisors applied, also where nothing else in the application asks for it. */
  static final class Proxies implements ImportBeanDefinitionRegistrar {
    @Override
    public void registerBeanDefinitions(
        AnnotationMetadata importing, BeanDefinitionRegistry registry) {
      var unused = AopConfigUtils.registerAutoProxyCreatorIfNecessary(registry);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
  @ConditionalOnClass(OncePerRequestFilter.class)
  static final class Filters {
    private final RateLimitProperties properties;
    private final List<PathRule> rules;

    Filters(RateLimitProperties properties, Limiters limiters, BeanFactory beans) {
      this.properties = properties;
      this.rules = PathRule.all(properties, limiters, beans);
    }

    @Bean
    @ConditionalOnMissingBean(name = "howdahRateLimitFilter")
    FilterRegistrationBean<RateLimitFilter> howdahRateLimitFilter() {
      return filter(false, properties.filterOrder());
    }

    @Bean
    @ConditionalOnMissingBean(name = "howdahPrincipalRateLimitFilter")
    FilterRegistrationBean<RateLimitFilter> howdahPrincipalRateLimitFilter() {
      return filter(true, properties.principalFilterOrder());
    }

    private FilterRegistrationBean<RateLimitFilter> filter(boolean afterLogin, int order) {
      List<PathRule> mine =
          rules.stream().filter(rule -> rule.key().afterLogin() == afterLogin).toList();
      FilterRegistrationBean<RateLimitFilter> filter =
          new FilterRegistrationBean<>(new RateLimitFilter(mine));
      filter.setName(afterLogin ? "howdahPrincipalRateLimitFilter" : "howdahRateLimitFilter");
      filter.setOrder(order);
      filter.setEnabled(!mine.isEmpty());
      return filter;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
  @ConditionalOnClass(DispatcherServlet.class)
  static final class Problems {
    @Bean
    @ConditionalOnMissingBean
    RateLimitedExceptionHandler howdahRateLimitedExceptionHandler() {
      return new RateLimitedExceptionHandler();
    }
  }
}
