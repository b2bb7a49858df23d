package io.howdah.spring.session;

import io.howdah.Howdah;
import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.spring.json.AllowedTypes;
import io.howdah.spring.json.TypedJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.session.autoconfigure.SessionAutoConfiguration;
import org.springframework.boot.session.autoconfigure.SessionTimeout;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.session.IndexResolver;
import org.springframework.session.MapSession;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;
import org.springframework.session.config.annotation.web.http.SpringHttpSessionConfiguration;

/** Spring Session on Howdah, in a servlet application that has no other session repository. */
@AutoConfiguration(
    after = HowdahAutoConfiguration.class,
    before = SessionAutoConfiguration.class,
    afterName = {
      "org.springframework.boot.session.jdbc.autoconfigure.JdbcSessionAutoConfiguration",
      "org.springframework.boot.session.data.redis.autoconfigure.SessionDataRedisAutoConfiguration"
    })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean(Howdah.class)
@ConditionalOnMissingBean(SessionRepository.class)
@ConditionalOnBooleanProperty(name = "howdah.session.enabled", matchIfMissing = true)
@EnableConfigurationProperties(HowdahSessionProperties.class)
@Import(SpringHttpSessionConfiguration.class)
public final class HowdahSessionAutoConfiguration {
  @Bean
  @ConditionalOnMissingBean
  AttributeCodec howdahSessionAttributeCodec(
      HowdahSessionProperties properties, ApplicationContext application) {
    List<String> allowed = new ArrayList<>(properties.allowedTypes());
    if (AutoConfigurationPackages.has(application)) {
      allowed.addAll(AutoConfigurationPackages.get(application));
    }
    AllowedTypes types = AllowedTypes.of(allowed);
    ClassLoader loader =
        Objects.requireNonNull(application.getClassLoader(), "no class loader of the application");
    return new AttributeCodec(
        new TypedJson(types, loader, List.of()), types, properties.fallback(), loader);
  }

  @Bean
  HowdahSessionRepository sessionRepository(
      Howdah howdah,
      AttributeCodec codec,
      HowdahSessionProperties properties,
      ObjectProvider<SessionTimeout> timeout,
      ObjectProvider<IndexResolver<Session>> indexes) {
    SessionTimeout given = timeout.getIfAvailable();
    Duration idle = given == null ? null : given.getTimeout();
    return new HowdahSessionRepository(
        howdah.outside().sessions(),
        codec,
        properties,
        idle == null ? MapSession.DEFAULT_MAX_INACTIVE_INTERVAL : idle,
        indexes.getIfUnique());
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnBooleanProperty("howdah.session.events.enabled")
  HowdahSessionEvents howdahSessionEvents(
      Howdah howdah,
      HowdahSessionRepository repository,
      HowdahSessionProperties properties,
      ApplicationEventPublisher publisher) {
    return new HowdahSessionEvents(
        howdah.outside().sessions(), repository, publisher, properties.events().keepFor());
  }
}
