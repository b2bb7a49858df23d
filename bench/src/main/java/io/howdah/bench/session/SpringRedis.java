package io.howdah.bench.session;

import io.howdah.bench.server.RedisServer;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.serializer.RedisSerializer;

/** Redis as Spring Session's own configuration reaches it. */
public final class SpringRedis {

  private SpringRedis() {}

  /** Lettuce; all threads share one connection. */
  public static LettuceConnectionFactory connect(RedisServer server) {
    LettuceConnectionFactory factory =
        new LettuceConnectionFactory(
            new RedisStandaloneConfiguration(server.host(), server.port()));
    factory.afterPropertiesSet();
    factory.start();
    return factory;
  }

  /** Values are serialized by Java. */
  static RedisTemplate<String, Object> template(LettuceConnectionFactory factory) {
    RedisTemplate<String, Object> template = new RedisTemplate<>();
    template.setKeySerializer(RedisSerializer.string());
    template.setHashKeySerializer(RedisSerializer.string());
    template.setConnectionFactory(factory);
    template.afterPropertiesSet();
    return template;
  }
}
