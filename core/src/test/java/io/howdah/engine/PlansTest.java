package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.cache.ComputedCache;
import io.howdah.job.JobQueue;
import io.howdah.kv.KeyValueStore;
import io.howdah.lock.HeldLock;
import io.howdah.near.NearSettings;
import io.howdah.preference.PreferenceKey;
import io.howdah.preference.Preferences;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.howdah.session.Sessions;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Postgres keeps the plans of the statements that are sent all the time. */
@Timeout(120)
class PlansTest extends HowdahTest {
  /** Postgres tries five before it decides, and some more while the tables grow. */
  private static final int TRIED = 10;

  private static final PreferenceKey<Integer> SIZE = PreferenceKey.of("size", Integer.class, 1);

  @Test
  void noStatementIsPlannedAnewForEachCall() throws Exception {
    assertThat(howdah.namespaces().create("plans_durable", Durability.DURABLE)).isTrue();
    List<Connection> opened = new CopyOnWriteArrayList<>();
    try (Howdah planned =
        Howdah.builder(remembering(opened)).schema(schema).lanes(1).listen(false).open()) {
      List<KeyValueStore<String>> stores =
          List.of(planned.kv("plans", String.class), planned.kv("plans_durable", String.class));
      ComputedCache<String> near = planned.cache("plans_near", String.class);
      near.near(new NearSettings(1, Duration.ofMillis(1)));
      List<ComputedCache<String>> caches = List.of(planned.cache("plans", String.class), near);
      Sessions sessions = planned.sessions();
      List<String> tokens =
          IntStream.range(0, 40).mapToObj(i -> sessions.create("user" + i).token()).toList();
      RateLimiter limiter = planned.rateLimiter("plans", RateLimit.perSecond(1_000));
      Preferences preferences = planned.preferences();
      JobQueue<String> jobs = planned.jobs("plans", String.class);
      IntConsumer calls =
          thread -> {
            String key = "k" + thread;
            for (KeyValueStore<String> store : stores) {
              long unused = store.set(key, "v");
              assertThat(store.get(key)).contains("v");
              assertThat(store.getEntry(key)).isPresent();
              assertThat(store.exists(key)).isTrue();
            }
            for (ComputedCache<String> cache : caches) {
              assertThat(cache.get(key, () -> "v")).isEqualTo("v");
              assertThat(cache.getIfPresent(key)).contains("v");
            }
            assertThat(sessions.get(tokens.get(thread))).isPresent();
            assertThat(sessions.touch(tokens.get(thread))).isPresent();
            assertThat(limiter.acquire(key).allowed()).isTrue();
            preferences.set(key, SIZE, thread);
            assertThat(preferences.get(key, SIZE)).isEqualTo(thread);
            long enqueued = jobs.enqueue(key);
            assertThat(enqueued).isPositive();
            planned.channels().publish("plans", key);
            try (HeldLock lock =
                planned.locks().tryAcquire(key, Duration.ofMinutes(1)).orElseThrow()) {
              assertThat(lock.token()).isPositive();
            }
          };
      for (int i = 0; i < 10; i++) {
        calls.accept(0);
        Threads.run(
            40,
            thread -> {
              calls.accept(thread);
              return true;
            });
      }
      int asked = 0;
      for (Connection lane : opened) {
        if (lane.isClosed()) {
          continue;
        }
        asked++;
        assertThat(
                sql(
                    lane,
                    "SELECT format('%s of %s calls: %s', custom_plans, custom_plans + generic_plans, statement)"
                        + " FROM pg_prepared_statements WHERE custom_plans > greatest(?, generic_plans)",
                    TRIED))
            .isEmpty();
      }
      assertThat(asked).isPositive();
    }
  }

  private static DataSource remembering(List<Connection> opened) {
    DataSource plain = TestPostgres.dataSource();
    return (DataSource)
        Proxy.newProxyInstance(
            PlansTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, args) -> {
              if (method.getName().equals("isWrapperFor")) {
                return false;
              }
              Object result = method.invoke(plain, args);
              if (result instanceof Connection connection) {
                opened.add(connection);
              }
              return result;
            });
  }
}
