package io.howdah.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.testing.TestPostgres;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration;
import org.springframework.boot.cache.autoconfigure.metrics.CacheMetricsAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

class HowdahCacheTest {
  record Book(String isbn, String title) {}

  /** What an application has. */
  static class Books {
    private final AtomicInteger computed = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    // Methods, because the bean is a proxy, whose own fields are empty.

    public int computed() {
      return computed.get();
    }

    public boolean hasBegun() throws InterruptedException {
      return begun.await(60, TimeUnit.SECONDS);
    }

    public void end() {
      mayEnd.countDown();
    }

    @Cacheable("books")
    @CanIgnoreReturnValue
    public @Nullable Book find(String isbn) {
      computed.incrementAndGet();
      return isbn.isEmpty() ? null : new Book(isbn, "title");
    }

    @Cacheable(value = "slow", sync = true)
    public Book slow(String isbn) throws InterruptedException {
      computed.incrementAndGet();
      begun.countDown();
      assertThat(mayEnd.await(60, TimeUnit.SECONDS)).isTrue();
      return new Book(isbn, "slow");
    }

    @Cacheable("futures")
    public CompletableFuture<Book> later(String isbn) {
      computed.incrementAndGet();
      return CompletableFuture.supplyAsync(() -> new Book(isbn, "later"));
    }

    @CacheEvict("books")
    public void change(String isbn) {}
  }

  @Configuration(proxyBeanMethods = false)
  @EnableCaching
  @AutoConfigurationPackage
  static class Application {
    @Bean
    Books books() {
      return new Books();
    }

    @Bean
    MeterRegistry meters() {
      return new SimpleMeterRegistry();
    }
  }

  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class,
                  DataSourceTransactionManagerAutoConfiguration.class,
                  TransactionAutoConfiguration.class,
                  HowdahAutoConfiguration.class,
                  HowdahCacheAutoConfiguration.class,
                  CacheAutoConfiguration.class,
                  CacheMetricsAutoConfiguration.class))
          .withUserConfiguration(Application.class)
          .withPropertyValues(
              "spring.datasource.url=" + TestPostgres.url(),
              "howdah.schema=" + TestPostgres.freshSchema(getClass()));

  private static Cache cache(ApplicationContext context, String name) {
    return Objects.requireNonNull(context.getBean(CacheManager.class).getCache(name));
  }

  private static Callable<Object> never() {
    return () -> {
      throw new AssertionError("computed");
    };
  }

  @Test
  void resultIsKeptForEveryInstance() {
    application.run(first -> {
      Book book = first.getBean(Books.class).find("1");
      assertThat(first.getBean(Books.class).find("1")).isEqualTo(book);
      assertThat(first.getBean(Books.class).computed()).isEqualTo(1);
      application.run(second -> {
        assertThat(second.getBean(Books.class).find("1")).isEqualTo(book);
        assertThat(second.getBean(Books.class).computed()).isEqualTo(0);
        second.getBean(Books.class).change("1");
      });
      assertThat(first.getBean(Books.class).find("1")).isEqualTo(book);
      assertThat(first.getBean(Books.class).computed()).isEqualTo(2);
    });
  }

  @Test
  void nullIsAResultUnlessItIsNotKept() {
    application.run(context -> {
      Books books = context.getBean(Books.class);
      assertThat(books.find("")).isNull();
      assertThat(books.find("")).isNull();
      assertThat(books.computed()).isEqualTo(1);
      assertThat(cache(context, "books").get("", never())).isNull();
    });
    application
        .withPropertyValues("howdah.cache.caches.strict.cache-null-values=false")
        .run(context ->
            assertThatThrownBy(() -> cache(context, "strict").put("k", null))
                .isInstanceOf(IllegalArgumentException.class));
  }

  @Test
  void syncIsComputedOnceInTheWholeCluster() {
    application.run(one ->
        application.run(two -> {
          ExecutorService threads = Executors.newFixedThreadPool(16);
          try {
            List<Books> instances = List.of(one.getBean(Books.class), two.getBean(Books.class));
            List<Future<Book>> results = new ArrayList<>();
            results.add(threads.submit(() -> instances.get(0).slow("7")));
            assertThat(instances.get(0).hasBegun()).isTrue();
            for (int i = 0; i < 15; i++) {
              Books books = instances.get(i % 2);
              results.add(threads.submit(() -> books.slow("7")));
            }
            instances.forEach(Books::end);
            for (Future<Book> result : results) {
              assertThat(result.get(60, TimeUnit.SECONDS)).isEqualTo(new Book("7", "slow"));
            }
            assertThat(instances.get(0).computed() + instances.get(1).computed()).isEqualTo(1);
          } finally {
            threads.shutdownNow();
          }
        }));
  }

  @Test
  void futuresAreKeptByWhatTheyBring() {
    application.run(context -> {
      Books books = context.getBean(Books.class);
      assertThat(books.later("1").get(60, TimeUnit.SECONDS)).isEqualTo(new Book("1", "later"));
      Cache cache = cache(context, "futures");
      Cache.ValueWrapper kept =
          (Cache.ValueWrapper)
              Objects.requireNonNull(cache.retrieve("1")).get(60, TimeUnit.SECONDS);
      assertThat(Objects.requireNonNull(kept).get()).isEqualTo(new Book("1", "later"));
      assertThat(Objects.requireNonNull(cache.retrieve("2")).get(60, TimeUnit.SECONDS)).isNull();
    });
  }

  @Test
  void retrievalIsComputedOnceAndItsFailureIsNotKept() {
    application.run(context -> {
      Cache cache = cache(context, "retrieved");
      CompletableFuture<Object> first = new CompletableFuture<>();
      AtomicInteger computed = new AtomicInteger();
      CountDownLatch begun = new CountDownLatch(1);
      List<CompletableFuture<Object>> all = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        all.add(
            cache.retrieve(
                "k",
                () -> {
                  computed.incrementAndGet();
                  begun.countDown();
                  return first;
                }));
      }
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
      first.complete("v");
      for (CompletableFuture<Object> one : all) {
        assertThat(one.get(60, TimeUnit.SECONDS)).isEqualTo("v");
      }
      assertThat(computed).hasValue(1);
      CompletableFuture<Object> failing =
          cache.retrieve(
              "f", () -> CompletableFuture.failedFuture(new IllegalStateException("no")));
      assertThatThrownBy(() -> failing.get(60, TimeUnit.SECONDS)).hasMessageContaining("no");
      assertThat(
              cache
                  .retrieve("f", () -> CompletableFuture.completedFuture("now"))
                  .get(60, TimeUnit.SECONDS))
          .isEqualTo("now");
    });
  }

  @Test
  void putsAndEvictionsHappenAfterTheCommitAndNotAfterARollback() {
    application.run(context -> {
      Cache cache = cache(context, "tx");
      TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
      cache.put("a", 1);
      transaction.executeWithoutResult(status -> {
        cache.evict("a");
        cache.put("b", 2);
        assertThat(cache.get("a", Integer.class)).isEqualTo(1);
        assertThat(cache.get("b")).isNull();
        status.setRollbackOnly();
      });
      assertThat(cache.get("a", Integer.class)).isEqualTo(1);
      assertThat(cache.get("b")).isNull();
      transaction.executeWithoutResult(status -> {
        cache.evict("a");
        cache.put("b", 2);
      });
      assertThat(cache.get("a")).isNull();
      assertThat(cache.get("b", Integer.class)).isEqualTo(2);
      transaction.executeWithoutResult(status -> {
        assertThat(cache.evictIfPresent("b")).isTrue();
        status.setRollbackOnly();
      });
      assertThat(cache.get("b")).as("it was immediate").isNull();
    });
  }

  @Test
  void valueThatCannotBeReadIsAMiss() {
    application.run(context -> {
      Cache cache = cache(context, "changed");
      var raw = context.getBean(Howdah.class).cache("changed", byte[].class);
      for (String json :
          List.of(
              "[\"io.howdah.spring.cache.Gone\",{}]",
              "{\"@class\":\"" + Book.class.getName() + "\",\"pages\":[}",
              "{\"@class\":\"java.io.File\"}")) {
        raw.put("k", json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(cache.get("k")).isNull();
        assertThat(cache.get("k", () -> "new")).isEqualTo("new");
        assertThat(cache.get("k", String.class)).isEqualTo("new");
        raw.put("k", json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(
                cache
                    .retrieve("k", () -> CompletableFuture.completedFuture("newer"))
                    .get(60, TimeUnit.SECONDS))
            .isEqualTo("newer");
      }
    });
  }

  @Test
  void mapKeepsItsOrder() {
    application.run(context -> {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("zebra", 1.0);
      map.put("a", 1L);
      Cache cache = cache(context, "maps");
      cache.put("m", map);
      assertThat(Objects.requireNonNull(cache.get("m", Map.class)).toString())
          .isEqualTo(map.toString());
    });
  }

  @Test
  void typeThatIsNotAllowedIsRefusedWhenItIsPut() {
    application.run(context ->
        assertThatThrownBy(() -> cache(context, "types").put("k", new java.io.File("/")))
            .isInstanceOf(HowdahException.class)
            .hasMessageContaining("java.io.File"));
    application
        .withPropertyValues("howdah.cache.allowed-types=java.io.File")
        .run(context -> {
          cache(context, "types").put("k", new java.io.File("/"));
          assertThat(cache(context, "types").get("k", java.io.File.class))
              .isEqualTo(new java.io.File("/"));
        });
  }

  @Test
  void failureOfAComputationIsThatOfTheLoader() {
    application.run(context ->
        assertThatThrownBy(() ->
                cache(context, "failing")
                    .get(
                        "k",
                        () -> {
                          throw new IllegalStateException("no");
                        }))
            .isInstanceOf(Cache.ValueRetrievalException.class)
            .hasCauseInstanceOf(IllegalStateException.class));
  }

  @Test
  void entriesAreEvictedByTheirTags() {
    application
        .withPropertyValues("howdah.cache.caches.tagged.tags=all,book:{key}")
        .run(context -> {
          Cache cache = cache(context, "tagged");
          cache.put("a", 1);
          cache.put("b", 2);
          HowdahCache howdahs = howdahs(cache);
          howdahs.getNativeCache().evictTag("book:a");
          assertThat(cache.get("a")).isNull();
          assertThat(cache.get("b")).isNotNull();
          howdahs.getNativeCache().evictTag("all");
          assertThat(cache.get("b")).isNull();
        });
  }

  private static HowdahCache howdahs(Cache cache) {
    return (HowdahCache)
        ((org.springframework.cache.transaction.TransactionAwareCacheDecorator) cache)
            .getTargetCache();
  }

  @Test
  void nearCacheIsKeptInTheHeap() {
    application
        .withPropertyValues("howdah.cache.caches.near.near.enabled=true")
        .run(context -> {
          Cache cache = cache(context, "near");
          cache.put("a", "v");
          assertThat(cache.get("a", String.class)).isEqualTo("v");
          assertThat(context.getBean(Howdah.class).stats().nearCaches())
              .anySatisfy(near -> assertThat(near.name()).isEqualTo("near"));
          cache.evict("a");
          assertThat(cache.get("a")).isNull();
        });
  }

  @Test
  void cachesAreThoseThatAreNamed() {
    application
        .withPropertyValues("spring.cache.cache-names=a,books")
        .run(context -> {
          CacheManager manager = context.getBean(CacheManager.class);
          assertThat(manager.getCacheNames()).containsExactlyInAnyOrder("a", "books");
          assertThat(manager.getCache("b")).isNull();
          context.getBean(Books.class).find("m");
          context.getBean(Books.class).find("m");
          assertThat(
                  context
                      .getBean(MeterRegistry.class)
                      .get("cache.gets")
                      .tags("cache", "books", "result", "hit")
                      .functionCounter()
                      .count())
              .isEqualTo(1);
        });
  }

  @Test
  void othersCacheManagerComesFirst() {
    application
        .withPropertyValues("spring.cache.type=simple")
        .run(context ->
            assertThat(context.getBean(CacheManager.class))
                .isInstanceOf(ConcurrentMapCacheManager.class));
    application
        .withPropertyValues("howdah.cache.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HowdahCacheManager.class));
    application
        .withBean(CacheManager.class, ConcurrentMapCacheManager::new)
        .run(context -> assertThat(context).doesNotHaveBean(HowdahCacheManager.class));
  }

  @Test
  void clearEmptiesIt() {
    application.run(context -> {
      Cache cache = cache(context, "cleared");
      cache.put("a", 1);
      cache.clear();
      assertThat(cache.get("a")).isNull();
      cache.put("a", 1);
      assertThat(cache.invalidate()).isTrue();
      assertThat(cache.get("a")).isNull();
      assertThat(cache.putIfAbsent("a", 2)).isNull();
      assertThat(Objects.requireNonNull(cache.putIfAbsent("a", 3)).get()).isEqualTo(2);
    });
  }
}
