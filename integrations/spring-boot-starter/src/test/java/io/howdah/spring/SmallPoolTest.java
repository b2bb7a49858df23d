package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.howdah.spring.ratelimit.RateLimited;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import jakarta.servlet.http.HttpSession;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Many more requests than connections of the application's pool, each in a transaction that holds
 * one of them while it uses all of Howdah: whoever needed a second one would wait for ever.
 */
@Timeout(300)
class SmallPoolTest {
  private static final int POOL = 10;
  private static final int CLIENTS = 200;
  private static final int WAVES = 5;
  private static final int PRODUCTS = 20;
  private static final int REFUSED_OF = 10;
  private static final long ALLOWED = 5_000;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @ResponseStatus(HttpStatus.CONFLICT)
  static class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  static class Catalogue {
    private final JdbcClient jdbc;

    Catalogue(JdbcClient jdbc) {
      this.jdbc = jdbc;
    }

    @Cacheable("titles")
    public String title(int product) {
      return read(product);
    }

    /** All but one wait for it, each with a connection of its own. */
    @Cacheable(value = "prices", sync = true)
    public String price(int product) {
      return read(product);
    }

    private String read(int product) {
      return jdbc.sql("SELECT 'product ' || ?").param(product).query(String.class).single();
    }
  }

  static class Orders {
    private final Howdah howdah;
    private final JdbcClient jdbc;
    private final Catalogue catalogue;
    private final RateLimiter limiter;

    /** Ten transactions meet here: the pool has no connection left then. */
    private final CyclicBarrier everyConnectionIsTaken = new CyclicBarrier(POOL);

    Orders(Howdah howdah, JdbcClient jdbc, Catalogue catalogue) {
      this.howdah = howdah;
      this.jdbc = jdbc;
      this.catalogue = catalogue;
      this.limiter = howdah.rateLimiter("orders", RateLimit.perDay(ALLOWED));
    }

    @Transactional
    @RateLimited(limit = "1000/1d", key = "#p0")
    public String place(String buyer, int number, HttpSession session) throws Exception {
      jdbc.sql("INSERT INTO small_pool_order VALUES (?, ?)").params(number, buyer).update();
      int unused = everyConnectionIsTaken.await(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      boolean allowed = limiter.acquire("all").allowed();
      int product = number % PRODUCTS;
      String bought = catalogue.title(product) + ", " + catalogue.price(product);
      kv().set(Integer.toString(number), bought);
      // Written at once, so within the transaction.
      session.setAttribute("orders", orders(session) + 1);
      if (number % REFUSED_OF == 0) {
        throw new Refused();
      }
      return allowed + ", " + bought + ", " + Thread.currentThread().getClass().getSimpleName();
    }

    private static int orders(HttpSession session) {
      Integer orders = (Integer) session.getAttribute("orders");
      return orders == null ? 0 : orders;
    }

    private KeyValueStore<String> kv() {
      return howdah.kv("orders", String.class);
    }
  }

  @RestController
  static class Shop {
    private final Orders orders;

    Shop(Orders orders) {
      this.orders = orders;
    }

    @PostMapping("/order")
    String order(HttpSession session, @RequestParam String buyer, @RequestParam int number)
        throws Exception {
      return orders.place(buyer, number, session);
    }

    @PostMapping("/count")
    String count(HttpSession session) {
      return Integer.toString(Orders.orders(session));
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableCaching
  static class Application {
    @Bean
    Catalogue catalogue(JdbcClient jdbc) {
      return new Catalogue(jdbc);
    }

    @Bean
    Orders orders(Howdah howdah, JdbcClient jdbc, Catalogue catalogue) {
      return new Orders(howdah, jdbc, catalogue);
    }

    @Bean
    Shop shop(Orders orders) {
      return new Shop(orders);
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
      return http.authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
          .csrf(csrf -> csrf.disable())
          .build();
    }
  }

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final @Nullable String[] cookies = new String[CLIENTS];

  @Test
  void requestsOnPlatformThreadsNeedOneConnectionEach() {
    run(false);
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void requestsOnVirtualThreadsNeedOneConnectionEach() {
    run(true);
  }

  private void run(boolean virtual) {
    String schema = TestPostgres.freshSchema(getClass());
    try (ConfigurableApplicationContext application =
        Applications.startWeb(
            schema,
            Application.class,
            "spring.datasource.hikari.maximum-pool-size=" + POOL,
            "spring.threads.virtual.enabled=" + virtual,
            "server.tomcat.threads.max=" + CLIENTS,
            "howdah.rate-limit.on-failure=throw",
            "howdah.session.flush-mode=immediate")) {
      JdbcClient jdbc = application.getBean(JdbcClient.class);
      jdbc.sql("DROP TABLE IF EXISTS small_pool_order").update();
      jdbc.sql("CREATE TABLE small_pool_order (number int PRIMARY KEY, buyer text NOT NULL)")
          .update();
      int port =
          Integer.parseInt(
              Objects.requireNonNull(
                  application.getEnvironment().getProperty("local.server.port")));

      for (int wave = 0; wave < WAVES; wave++) {
        order(port, wave, virtual);
      }

      int sent = CLIENTS * WAVES;
      int placed = sent - sent / REFUSED_OF;
      assertThat(jdbc.sql("SELECT count(*) FROM small_pool_order").query(Integer.class).single())
          .isEqualTo(placed);
      Howdah howdah = application.getBean(Howdah.class);
      assertThat(howdah.kv("orders", String.class).count("")).isEqualTo(placed);
      assertThat(
              howdah
                  .rateLimiter("orders", RateLimit.perDay(ALLOWED))
                  .peek("all")
                  .orElseThrow()
                  .remaining())
          .as("a rollback takes back no hit; some flow in while the test runs")
          .isBetween(ALLOWED - sent, ALLOWED - sent + 50);
      for (HttpResponse<String> counted : all(port, "/count", number -> "")) {
        assertThat(counted.body()).isEqualTo(Integer.toString(WAVES));
      }
      assertIsIdle(application.getBean(HikariDataSource.class).getHikariPoolMXBean());
      jdbc.sql("DROP TABLE small_pool_order").update();
    }
  }

  private void order(int port, int wave, boolean virtual) {
    List<HttpResponse<String>> answers =
        all(port, "/order", index -> "?buyer=b" + index + "&number=" + (wave * CLIENTS + index));
    for (int index = 0; index < CLIENTS; index++) {
      HttpResponse<String> answer = answers.get(index);
      if ((wave * CLIENTS + index) % REFUSED_OF == 0) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
      } else {
        String product = "product " + index % PRODUCTS;
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).startsWith("true, " + product + ", " + product + ", ");
        assertThat(answer.body().endsWith("VirtualThread")).isEqualTo(virtual);
      }
    }
  }

  private interface Query {
    String of(int index);
  }

  /** A request of each client at the same time, each with its session; none takes too long. */
  private List<HttpResponse<String>> all(int port, String path, Query query) {
    List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
    for (int index = 0; index < CLIENTS; index++) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://localhost:" + port + path + query.of(index)))
              .timeout(DEADLINE)
              .POST(HttpRequest.BodyPublishers.noBody());
      String cookie = cookies[index];
      if (cookie != null) {
        request.header("Cookie", cookie);
      }
      calls.add(client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString()));
    }
    List<HttpResponse<String>> answers =
        calls.stream().map(call -> call.orTimeout(120, TimeUnit.SECONDS).join()).toList();
    for (int index = 0; index < CLIENTS; index++) {
      String set = answers.get(index).headers().firstValue("Set-Cookie").orElse(null);
      if (set != null) {
        cookies[index] = set.substring(0, set.indexOf(';'));
      }
    }
    return answers;
  }

  /** The answer is there a moment before the connection is back. */
  private static void assertIsIdle(HikariPoolMXBean pool) {
    Eventually.holds("no connection is taken", () -> pool.getActiveConnections() == 0);
    assertThat(pool.getThreadsAwaitingConnection()).isZero();
    assertThat(pool.getIdleConnections()).isEqualTo(pool.getTotalConnections());
    assertThat(pool.getTotalConnections()).isEqualTo(POOL);
  }
}
