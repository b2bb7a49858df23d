package io.howdah.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.howdah.CallFailedException;
import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.cache.CacheSettings;
import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.test.HowdahTesting;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration;
import org.springframework.boot.cache.autoconfigure.metrics.CacheMetricsAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What a cache does when something is in the way: transactions, faults, changed classes. */
class HowdahCachePromisesTest {
  record Book(String isbn, @Nullable String title) {}

  @Configuration(proxyBeanMethods = false)
  @EnableCaching
  @AutoConfigurationPackage
  static class Application {
    @Bean
    MeterRegistry meters() {
      return new SimpleMeterRegistry();
    }
  }

  private static final String SCHEMA = TestPostgres.freshSchema(HowdahCachePromisesTest.class);

  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class,
                  DataSourceTransactionManagerAutoConfiguration.class,
                  JdbcTemplateAutoConfiguration.class,
                  JdbcClientAutoConfiguration.class,
                  TransactionAutoConfiguration.class,
                  HowdahAutoConfiguration.class,
                  HowdahCacheAutoConfiguration.class,
                  CacheAutoConfiguration.class,
                  CacheMetricsAutoConfiguration.class))
          .withUserConfiguration(Application.class)
          .withPropertyValues(
              "spring.datasource.url=" + TestPostgres.url(), "howdah.schema=" + SCHEMA);

  private static Cache cache(ApplicationContext context, String name) {
    return Objects.requireNonNull(context.getBean(CacheManager.class).getCache(name));
  }

  private static <T> T of(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  private static Callable<Object> never() {
    return () -> {
      throw new AssertionError("computed");
    };
  }

  @Test
  void inATransactionThatMayWriteAValueIsComputedAndNotKept() {
    application.run(context -> {
      Cache cache = cache(context, "tx");
      cache.put("kept", "v");
      TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
      transaction.executeWithoutResult(status -> {
        assertThat(cache.get("k", () -> "uncommitted")).isEqualTo("uncommitted");
        assertThat(cache.get("kept", never())).isEqualTo("v");
        assertThatThrownBy(() ->
                cache.get(
                    "k",
                    () -> {
                      throw new IllegalStateException("no");
                    }))
            .isInstanceOf(Cache.ValueRetrievalException.class)
            .hasCauseInstanceOf(IllegalStateException.class);
        status.setRollbackOnly();
      });
      assertThat(cache.get("k")).isNull();

      TransactionTemplate reading =
          new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
      reading.setReadOnly(true);
      assertThat(reading.<String>execute(status -> cache.get("k", () -> "committed")))
          .isEqualTo("committed");
      assertThat(cache.get("k", never())).isEqualTo("committed");
    });
  }

  @Test
  void staleValueIsRetrievedAndComputedAnewMeanwhile() {
    application
        .withPropertyValues(
            "howdah.cache.ttl=1m", "howdah.cache.stale-for=1h", "howdah.cache.jitter=0")
        .run(context -> {
          Cache cache = cache(context, "stale");
          assertThat(of(cache.retrieve("k", () -> CompletableFuture.completedFuture("old"))))
              .isEqualTo("old");
          HowdahTesting.of(context.getBean(Howdah.class)).advance(Duration.ofMinutes(2));

          AtomicInteger computed = new AtomicInteger();
          for (int i = 0; i < 5; i++) {
            assertThat(
                    of(
                        cache.<String>retrieve(
                            "k",
                            () -> {
                              computed.incrementAndGet();
                              return CompletableFuture.failedFuture(
                                  new IllegalStateException("no"));
                            })))
                .isEqualTo("old");
          }
          Eventually.holds("it is tried", () -> computed.get() > 0);
          assertThat(computed).as("not at once again after a failure").hasValueLessThan(5);

          application
              .withPropertyValues(
                  "howdah.cache.ttl=1m", "howdah.cache.stale-for=1h", "howdah.cache.jitter=0")
              .run(other -> {
                Cache same = cache(other, "stale");
                assertThat(of(same.retrieve("k", () -> CompletableFuture.completedFuture("new"))))
                    .isEqualTo("old");
                Eventually.holds("it is new", () -> "new".equals(same.get("k", String.class)));
              });
        });
  }

  @Test
  void retrievedValueThatCannotBeStoredFailsAndBlocksNobody() {
    application.run(context -> {
      Cache cache = cache(context, "odd");
      assertThatThrownBy(() ->
              of(
                  cache.retrieve(
                      "k", () -> CompletableFuture.completedFuture(new java.io.File("/")))))
          .hasCauseInstanceOf(HowdahException.class)
          .hasMessageContaining("java.io.File");
      JdbcClient sql = context.getBean(JdbcClient.class);
      Eventually.holds(
          "it is free",
          () ->
              sql.sql("SELECT count(*) FROM " + SCHEMA + ".cache_load WHERE cache = 'odd'")
                      .query(Long.class)
                      .single()
                  == 0);
      assertThat(of(cache.retrieve("k", () -> CompletableFuture.completedFuture("v"))))
          .isEqualTo("v");
    });
  }

  @Test
  void valueWithAFieldThatHasAnotherNameNowIsAMiss() {
    application.run(context -> {
      String json =
          "{\"@class\":\"" + Book.class.getName() + "\",\"isbn\":\"1\",\"heading\":\"secret\"}";
      context
          .getBean(Howdah.class)
          .cache("renamed", Codec.bytes(), CacheSettings.defaults())
          .put("k", json.getBytes(StandardCharsets.UTF_8));
      Cache cache = cache(context, "renamed");
      assertThat(cache.get("k")).isNull();
      assertThat(cache.get("k", () -> new Book("1", "title"))).isEqualTo(new Book("1", "title"));
      assertThat(cache.get("k", never())).isEqualTo(new Book("1", "title"));
    });
  }

  @Test
  void entryWhoseTagWouldBeTooLongIsNotKept() {
    application
        .withPropertyValues("howdah.cache.tags=book:{key}")
        .run(context -> {
          Cache cache = cache(context, "long");
          String key = "a".repeat(300);
          cache.put(key, 1);
          assertThat(cache.get(key)).isNull();
          assertThat(cache.putIfAbsent(key, 1)).isNull();
          assertThat(cache.get(key, () -> 2)).isEqualTo(2);
          assertThat(of(cache.retrieve(key, () -> CompletableFuture.completedFuture(3))))
              .isEqualTo(3);
          assertThat(cache.get(key)).isNull();
          cache.evict(key);
        });
  }

  @Test
  void ofManyWhoPutIfAbsentOneWins() {
    application.run(context -> {
      Cache cache = cache(context, "absent");
      ExecutorService threads = Executors.newFixedThreadPool(16);
      try {
        List<Future<Cache.@Nullable ValueWrapper>> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
          int value = i;
          all.add(threads.submit(() -> cache.putIfAbsent("k", value)));
        }
        int winners = 0;
        for (Future<Cache.@Nullable ValueWrapper> one : all) {
          Cache.ValueWrapper present = one.get(60, TimeUnit.SECONDS);
          if (present == null) {
            winners++;
          } else {
            assertThat(present.get()).isEqualTo(cache.get("k", Integer.class));
          }
        }
        assertThat(winners).isEqualTo(1);
      } finally {
        threads.shutdownNow();
      }
    });
  }

  private static CallFailedException away() {
    return new CallFailedException(
        ErrorCode.UNAVAILABLE, CallFailedException.Outcome.NOT_APPLIED, "the loader's own", null);
  }

  @Test
  void softCacheThatIsAwayIsEmpty() {
    application
        .withPropertyValues("howdah.cache.fail-soft=true")
        .run(context -> {
          Cache cache = cache(context, "soft");
          HowdahTesting testing = HowdahTesting.of(context.getBean(Howdah.class));
          cache.put("a", 1);
          testing.failNext(1, ErrorCode.UNAVAILABLE, "cache");
          assertThat(cache.get("a")).isNull();
          testing.failNext(1, ErrorCode.TIMEOUT, "cache");
          cache.put("a", 2);
          assertThat(cache.get("a", Integer.class)).isEqualTo(1);
          testing.failNext(1, ErrorCode.UNAVAILABLE, "cache");
          assertThat(cache.get("a", () -> 3)).isEqualTo(3);
          testing.failNext(1, ErrorCode.UNAVAILABLE, "cache");
          assertThat(of(Objects.requireNonNull(cache.retrieve("a")))).isNull();
          testing.failNext(1, ErrorCode.UNAVAILABLE, "cache");
          assertThat(of(cache.retrieve("a", () -> CompletableFuture.completedFuture(4))))
              .isEqualTo(4);
          testing.failNext(1, ErrorCode.UNAVAILABLE, "cache");
          assertThatThrownBy(() -> cache.evict("a")).isInstanceOf(CallFailedException.class);
          assertThat(cache.get("a", Integer.class)).isEqualTo(1);
        });
  }

  @Test
  void loaderThatFailsIsNotRunAgain() {
    application
        .withPropertyValues("howdah.cache.fail-soft=true")
        .run(context -> {
          Cache cache = cache(context, "failing");
          AtomicInteger computed = new AtomicInteger();
          assertThatThrownBy(() ->
                  cache.get(
                      "k",
                      () -> {
                        computed.incrementAndGet();
                        throw away();
                      }))
              .isInstanceOf(Cache.ValueRetrievalException.class);
          assertThat(computed).hasValue(1);
          assertThatThrownBy(() ->
                  of(
                      cache.<String>retrieve(
                          "k",
                          () -> {
                            computed.incrementAndGet();
                            return CompletableFuture.failedFuture(away());
                          })))
              .hasCauseInstanceOf(CallFailedException.class);
          assertThat(computed).hasValue(2);
        });
  }

  @Test
  void softCacheThatIsAwaySaysSoSeldom() {
    Logger logger = (Logger) LoggerFactory.getLogger(HowdahCache.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      application
          .withPropertyValues("howdah.cache.fail-soft=true")
          .run(context -> {
            Cache cache = cache(context, "quiet");
            HowdahTesting.of(context.getBean(Howdah.class))
                .failNext(100, ErrorCode.UNAVAILABLE, "cache");
            for (int i = 0; i < 100; i++) {
              assertThat(cache.get("a")).isNull();
            }
          });
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list).hasSizeBetween(1, 20);
  }

  @Test
  void metersCountWhatWasStored() {
    application
        .withPropertyValues("spring.cache.cache-names=metered")
        .run(context -> {
          Cache cache = cache(context, "metered");
          cache.put("a", 1);
          assertThat(cache.get("b", () -> 1)).isEqualTo(1);
          assertThat(of(cache.retrieve("c", () -> CompletableFuture.completedFuture(1))))
              .isEqualTo(1);
          assertThatThrownBy(() ->
                  cache.get(
                      "d",
                      () -> {
                        throw new IllegalStateException("no");
                      }))
              .isInstanceOf(Cache.ValueRetrievalException.class);
          assertThat(
                  context
                      .getBean(MeterRegistry.class)
                      .get("cache.puts")
                      .tags("cache", "metered")
                      .functionCounter()
                      .count())
              .isEqualTo(3);
        });
  }
}
