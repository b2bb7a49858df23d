package io.howdah.bench.session;

import static io.howdah.bench.measure.Profile.Family.REDIS;

import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.RedisServer;
import java.io.IOException;
import java.time.Duration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.data.redis.RedisSessionRepository;

/** Spring Session on Redis, set up as its own configuration does it. */
public final class SpringRedisTarget extends SpringTarget {

  private final String name;
  private final RedisServer server;

  public SpringRedisTarget(String name, RedisServer server) {
    this.name = name;
    this.server = server;
  }

  @Override
  public Profile profile() {
    return new Profile(
        name,
        "Spring Session Redis" + server.persistence().suffix(),
        "RedisSessionRepository on Redis "
            + server.persistence().description()
            + "; Lettuce, one connection shared by all threads; attributes by Java serialization",
        REDIS,
        server.persistence().durability());
  }

  @Override
  Connected connect(int threads) {
    LettuceConnectionFactory factory = SpringRedis.connect(server);
    RedisSessionRepository repository = new RedisSessionRepository(SpringRedis.template(factory));
    repository.setRedisKeyNamespace(name);
    repository.setDefaultMaxInactiveInterval(Duration.ofHours(24));
    return new Connected(repository, factory::destroy);
  }

  @Override
  public void settle() throws IOException, InterruptedException {
    server.awaitRewrite();
  }
}
