package io.howdah.bench.spring;

import static io.howdah.bench.measure.Profile.Family.REDIS;

import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.RedisServer;
import io.howdah.bench.session.SpringRedis;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.CacheManager;
import org.springframework.data.redis.cache.RedisCacheConfiguration;
import org.springframework.data.redis.cache.RedisCacheManager;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.serializer.GenericJacksonJsonRedisSerializer;
import org.springframework.data.redis.serializer.RedisSerializationContext.SerializationPair;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;

/** Spring Data Redis's cache, set up as Spring Boot does it, but with JSON. */
final class RedisCacheTarget implements CacheableTarget {

  private final RedisServer server;
  private @Nullable LettuceConnectionFactory factory;

  RedisCacheTarget(RedisServer server) {
    this.server = server;
  }

  @Override
  public Profile profile() {
    return new Profile(
        "cacheable-redis",
        "Spring Cache Redis" + server.persistence().suffix(),
        "RedisCacheManager on Redis "
            + server.persistence().description()
            + "; Lettuce, one connection shared by all threads; values as JSON with class names"
            + " (GenericJacksonJsonRedisSerializer)",
        REDIS,
        server.persistence().durability());
  }

  @Override
  public CacheManager open() {
    LettuceConnectionFactory connected = SpringRedis.connect(server);
    factory = connected;
    return RedisCacheManager.builder(connected)
        .cacheDefaults(
            RedisCacheConfiguration.defaultCacheConfig()
                .entryTtl(TIME_TO_LIVE)
                .serializeValuesWith(SerializationPair.fromSerializer(json())))
        .build();
  }

  /** Reads what Howdah's reads: the application's classes and those of the JDK. */
  private static GenericJacksonJsonRedisSerializer json() {
    return GenericJacksonJsonRedisSerializer.builder()
        .enableDefaultTyping(
            BasicPolymorphicTypeValidator.builder()
                .allowIfSubType(Article.class.getPackageName() + ".")
                .allowIfSubType("java.")
                .build())
        .enableSpringCacheNullValueSupport()
        .build();
  }

  @Override
  public void settle() throws IOException, InterruptedException {
    server.awaitRewrite();
  }

  @Override
  public void close() {
    if (factory != null) {
      factory.destroy();
      factory = null;
    }
  }
}
