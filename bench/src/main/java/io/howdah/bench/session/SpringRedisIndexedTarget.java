package io.howdah.bench.session;

import static io.howdah.bench.measure.Profile.Family.REDIS;

import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.listener.ChannelTopic;
import org.springframework.data.redis.listener.PatternTopic;
import org.springframework.data.redis.listener.RedisMessageListenerContainer;
import org.springframework.session.data.redis.RedisIndexedSessionRepository;
import org.springframework.session.data.redis.config.ConfigureNotifyKeyspaceEventsAction;

/**
 * Spring Session on Redis with the index of principals and the events of ended sessions, set up as
 * its own configuration does it.
 */
public final class SpringRedisIndexedTarget extends SpringTarget {

  private static final String NAME = "spring-redis-indexed";

  private final RedisServer server;

  public SpringRedisIndexedTarget(RedisServer server) {
    this.server = server;
  }

  @Override
  public Profile profile() {
    return new Profile(
        NAME,
        "Spring Session Redis, indexed" + server.persistence().suffix(),
        "RedisIndexedSessionRepository on Redis "
            + server.persistence().description()
            + ", which tells it of expired keys; Lettuce, one connection shared by all threads;"
            + " attributes by Java serialization",
        REDIS,
        server.persistence().durability());
  }

  @Override
  Connected connect(int threads) throws Exception {
    LettuceConnectionFactory factory = SpringRedis.connect(server);
    RedisIndexedSessionRepository repository =
        new RedisIndexedSessionRepository(SpringRedis.template(factory));
    repository.setRedisKeyNamespace(NAME);
    repository.setDefaultMaxInactiveInterval(Duration.ofHours(24));
    repository.afterPropertiesSet();
    try (RedisConnection connection = factory.getConnection()) {
      new ConfigureNotifyKeyspaceEventsAction().configure(connection);
    }
    RedisMessageListenerContainer listeners = listeners(factory, repository);
    return new Connected(
        repository,
        () -> {
          listeners.destroy();
          repository.destroy();
          factory.destroy();
        });
  }

  private static RedisMessageListenerContainer listeners(
      LettuceConnectionFactory factory, RedisIndexedSessionRepository repository) {
    RedisMessageListenerContainer listeners = new RedisMessageListenerContainer();
    listeners.setConnectionFactory(factory);
    listeners.addMessageListener(
        repository,
        List.of(
            new ChannelTopic(repository.getSessionDeletedChannel()),
            new ChannelTopic(repository.getSessionExpiredChannel())));
    listeners.addMessageListener(
        repository, new PatternTopic(repository.getSessionCreatedChannelPrefix() + "*"));
    listeners.afterPropertiesSet();
    listeners.start();
    return listeners;
  }

  @Override
  public void settle() throws IOException, InterruptedException {
    server.awaitRewrite();
  }
}
