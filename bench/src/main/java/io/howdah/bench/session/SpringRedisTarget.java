package io.howdah.bench.session;

import static io.howdah.bench.measure.Profile.Family.REDIS;

import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.RedisServer;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.data.redis.RedisSessionRepository;

/** Spring Session on Redis, set up as its own configuration does it. */
public final class SpringRedisTarget implements SessionTarget {

  private final String name;
  private final RedisServer server;
  private @Nullable Connected connected;

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
  public void open(int threads) {
    LettuceConnectionFactory factory = SpringRedis.connect(server);
    RedisSessionRepository repository = new RedisSessionRepository(SpringRedis.template(factory));
    repository.setRedisKeyNamespace(name);
    repository.setDefaultMaxInactiveInterval(Duration.ofHours(24));
    connected = new Connected(factory, repository);
  }

  private Connected connected() {
    if (connected == null) {
      throw new IllegalStateException("not open");
    }
    return connected;
  }

  @Override
  public String create(int session, Attributes attributes) {
    return SpringRequests.create(connected().repository, attributes.of(session));
  }

  @Override
  public boolean request(int session, String id, int visits) {
    return SpringRequests.request(connected().repository, session, id, visits);
  }

  @Override
  public void settle() throws IOException, InterruptedException {
    server.awaitRewrite();
  }

  @Override
  public void close() {
    if (connected != null) {
      connected.factory.destroy();
      connected = null;
    }
  }

  private record Connected(LettuceConnectionFactory factory, RedisSessionRepository repository) {}
}
