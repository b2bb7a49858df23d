package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.cache.CacheSettings;
import io.howdah.kv.KeyValueStore;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.howdah.test.HowdahPostgres;
import io.howdah.test.HowdahTesting;
import io.howdah.test.spring.HowdahServiceConnection;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

/**
 * An application of the starter under test, with the library for tests: it takes one annotation.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.NONE,
    properties =
        "spring.autoconfigure.exclude="
            + "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
            + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration")
@HowdahServiceConnection
class ServiceConnectionTest {
  @Configuration
  @EnableAutoConfiguration
  static class Application {}

  private static final Duration TEN = Duration.ofMinutes(10);
  private static final Duration ELEVEN = Duration.ofMinutes(11);

  @Autowired Howdah howdah;
  @Autowired HowdahTesting testing;
  @Autowired HowdahPostgres postgres;
  @Autowired JdbcClient jdbc;

  @Test
  void starterOpensHowdahOnTheDatabaseOfTheTest() {
    howdah.kv("n", String.class).set("k", "v");
    assertThat(jdbc.sql("SELECT howdah.kv_exists('n', 'k')").query(Boolean.class).single())
        .isTrue();
    assertThat(postgres.jdbcUrl())
        .contains(jdbc.sql("SELECT current_database()").query(String.class).single());
  }

  @Test
  void timePasses() {
    var cache =
        howdah.cache("c", String.class, CacheSettings.defaults().withTtl(TEN).withJitter(0));
    cache.put("k", "old");
    testing.advance(ELEVEN);
    assertThat(cache.get("k", () -> "new")).isEqualTo("new");
  }

  /** As of a test that Spring rolls back. */
  @Test
  @Transactional
  void timePassesInTheTransactionOfTheTest() {
    KeyValueStore<String> store = howdah.kv("n", String.class);
    RateLimiter limiter = howdah.rateLimiter("l", RateLimit.of(1, TEN));
    store.set("mine", "v", TEN);
    assertThat(limiter.acquire("k").allowed()).isTrue();
    assertThat(limiter.acquire("k").allowed()).isFalse();
    testing.advance(ELEVEN);
    assertThat(store.get("mine")).isEmpty();
    assertThat(limiter.acquire("k").allowed()).isTrue();
  }

  @Test
  @Transactional
  void callsOfATransactionFailAndItCanGoOn() {
    KeyValueStore<String> store = howdah.kv("n", String.class);
    testing.failNext(1, ErrorCode.UNAVAILABLE, "kv_set");
    assertThatThrownBy(() -> store.set("mine", "v")).isInstanceOf(HowdahException.class);
    store.set("mine", "w");
    assertThat(store.get("mine")).contains("w");
  }
}
