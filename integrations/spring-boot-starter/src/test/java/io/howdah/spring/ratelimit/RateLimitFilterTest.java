package io.howdah.spring.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.spring.Applications;
import io.howdah.testing.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Limits of paths, in Tomcat, with Spring Security; two applications as a cluster. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class RateLimitFilterTest {
  @RestController
  static class Pages {
    @GetMapping({"/plain", "/ip", "/by-header", "/both", "/spel", "/forwarded", "/big"})
    String page() {
      return "page";
    }

    @GetMapping("/user")
    String user() {
      return "user";
    }

    @RateLimited(limit = "1/1d, 100/2d")
    @GetMapping("/annotated")
    public String annotated() {
      return "annotated";
    }
  }

  /** As many applications have one. */
  @RestControllerAdvice
  static class CatchAll {
    @ExceptionHandler(Exception.class)
    String everything() {
      return "caught";
    }
  }

  @Configuration
  @EnableAutoConfiguration
  @Import({Pages.class, CatchAll.class})
  static class Application {
    @Bean
    SecurityFilterChain security(HttpSecurity http) {
      return http.authorizeHttpRequests(requests ->
              requests.requestMatchers("/user").authenticated().anyRequest().permitAll())
          .httpBasic(Customizer.withDefaults())
          .formLogin(Customizer.withDefaults())
          .csrf(csrf -> csrf.disable())
          .build();
    }

    @Bean
    UserDetailsService users() {
      return new InMemoryUserDetailsManager(
          User.withUsername("ann").password("{noop}secret").build(),
          User.withUsername("bob").password("{noop}secret").build());
    }
  }

  private static final String[] RULES = {
    "howdah.rate-limit.rules[0].path=/ip",
    "howdah.rate-limit.rules[0].method=GET",
    "howdah.rate-limit.rules[0].limit=3/1d burst 4",
    "howdah.rate-limit.rules[1].path=/login",
    "howdah.rate-limit.rules[1].method=POST",
    "howdah.rate-limit.rules[1].limit=2/1d",
    "howdah.rate-limit.rules[2].path=/user",
    "howdah.rate-limit.rules[2].key=principal",
    "howdah.rate-limit.rules[2].limit=2/1d",
    "howdah.rate-limit.rules[3].path=/by-header",
    "howdah.rate-limit.rules[3].key=header:X-Api-Key",
    "howdah.rate-limit.rules[3].limit=1/1d",
    "howdah.rate-limit.rules[4].path=/both",
    "howdah.rate-limit.rules[4].name=wide",
    "howdah.rate-limit.rules[4].limit=5/1d, 100/2d",
    "howdah.rate-limit.rules[5].path=/both/**",
    "howdah.rate-limit.rules[5].name=narrow",
    "howdah.rate-limit.rules[5].limit=2/1d fixed",
    "howdah.rate-limit.rules[6].path=/both",
    "howdah.rate-limit.rules[6].name=late",
    "howdah.rate-limit.rules[6].key=principal",
    "howdah.rate-limit.rules[6].limit=50/1d",
    "howdah.rate-limit.rules[7].path=/spel",
    "howdah.rate-limit.rules[7].key=#request.getParameter('user')",
    "howdah.rate-limit.rules[7].limit=1/1d",
    "howdah.rate-limit.rules[8].path=/forwarded",
    "howdah.rate-limit.rules[8].limit=1/1d",
    "howdah.rate-limit.rules[9].path=/login",
    "howdah.rate-limit.rules[9].name=login-user",
    "howdah.rate-limit.rules[9].key=#request.getParameter('username')",
    "howdah.rate-limit.rules[9].after-login=false",
    "howdah.rate-limit.rules[9].limit=2/1d",
    "server.forward-headers-strategy=framework",
    // Where a machine is slow, nothing is allowed for it.
    "howdah.rate-limit.patience=30s",
  };

  private final HttpClient client = HttpClient.newHttpClient();
  private final String schema = TestPostgres.freshSchema(getClass());
  private ConfigurableApplicationContext one;
  private ConfigurableApplicationContext two;

  @BeforeAll
  void startCluster() {
    one = Applications.startWeb(schema, Application.class, RULES);
    two = Applications.startWeb(schema, Application.class, RULES);
  }

  @AfterAll
  void stopCluster() {
    one.close();
    two.close();
  }

  private static HttpRequest.Builder request(ConfigurableApplicationContext to, String path) {
    return HttpRequest.newBuilder(
        URI.create(
            "http://127.0.0.1:" + to.getEnvironment().getProperty("local.server.port") + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> get(ConfigurableApplicationContext to, String path) {
    return send(request(to, path));
  }

  private static String header(HttpResponse<String> response, String name) {
    return String.join(" | ", response.headers().allValues(name));
  }

  @Test
  void allowedAnswersSayHowItStands() {
    HttpResponse<String> first = get(one, "/ip");
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.body()).isEqualTo("page");
    assertThat(header(first, "RateLimit-Policy")).isEqualTo("\"/ip\";q=3;w=86400;howdah-burst=4");
    assertThat(header(first, "RateLimit")).isEqualTo("\"/ip\";r=3;t=86400");
    assertThat(first.headers().firstValue("Retry-After")).isEmpty();
    // HEAD does the work of GET, and counts as it; what has no rule says nothing.
    assertThat(
            send(request(two, "/ip").method("HEAD", HttpRequest.BodyPublishers.noBody()))
                .statusCode())
        .isEqualTo(200);
    assertThat(get(one, "/ip").statusCode()).isEqualTo(200);
    assertThat(get(two, "/ip").statusCode()).isEqualTo(200);
    assertDenied(get(one, "/ip"), "/ip");
    assertDenied(get(two, "/ip"), "/ip");
    assertThat(header(get(one, "/plain"), "RateLimit-Policy")).isEmpty();
    assertThat(send(request(one, "/ip").DELETE()).statusCode()).isNotEqualTo(429);
  }

  private static void assertDenied(HttpResponse<String> response, String policy) {
    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(header(response, "RateLimit-Policy")).contains("\"" + policy + "\";q=");
    assertThat(header(response, "RateLimit")).startsWith("\"" + policy + "\";r=0;t=");
    long retryAfter = Long.parseLong(header(response, "Retry-After"));
    long window = Long.parseLong(header(response, "RateLimit").replaceAll(".*;t=", ""));
    assertThat(retryAfter).isPositive().isGreaterThanOrEqualTo(window).isLessThanOrEqualTo(86_400);
    JsonNode problem = JsonMapper.builder().build().readTree(response.body());
    assertThat(problem.get("type").asString())
        .isEqualTo("https://iana.org/assignments/http-problem-types#quota-exceeded");
    assertThat(problem.get("status").asInt()).isEqualTo(429);
    assertThat(problem.get("title").asString()).isNotEmpty();
    assertThat(problem.get("violated-policies").get(0).asString()).isEqualTo(policy);
  }

  /** Spring Security answers a login in its own filter: the limit is before it. */
  @Test
  void loginIsLimited() {
    for (int i = 0; i < 2; i++) {
      HttpResponse<String> wrong = login("ann" + i, "guess", "192.0.2.10");
      assertThat(wrong.statusCode()).isEqualTo(302);
      assertThat(header(wrong, "Location")).contains("error");
    }
    assertDenied(login("ann", "secret", "192.0.2.10"), "/login");
  }

  /** Wherever they come from. */
  @Test
  void loginsOfAUserAreLimited() {
    for (int i = 0; i < 2; i++) {
      assertThat(login("bob", "guess", "192.0.2.2" + i).statusCode()).isEqualTo(302);
    }
    assertDenied(login("bob", "secret", "192.0.2.29"), "login-user");
  }

  private HttpResponse<String> login(String user, String password, String address) {
    return send(
        request(one, "/login")
            .header("X-Forwarded-For", address)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "username="
                        + user
                        + "&password="
                        + URLEncoder.encode(password, StandardCharsets.UTF_8))));
  }

  private HttpResponse<String> getAs(String user, String path) {
    String credentials =
        Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
    return send(request(one, path).header("Authorization", "Basic " + credentials));
  }

  @Test
  void usersAreLimitedEach() {
    assertThat(getAs("ann", "/user").statusCode()).isEqualTo(200);
    assertThat(getAs("ann", "/user").statusCode()).isEqualTo(200);
    assertDenied(getAs("ann", "/user"), "/user");
    assertThat(getAs("bob", "/user").statusCode()).isEqualTo(200);
  }

  @Test
  void headersTellClientsApartAndTheAddressThoseWithout() {
    assertThat(send(request(one, "/by-header").header("X-Api-Key", "a")).statusCode())
        .isEqualTo(200);
    assertDenied(send(request(two, "/by-header").header("X-Api-Key", "a")), "/by-header");
    // However long a stranger makes it.
    assertThat(send(request(one, "/by-header").header("X-Api-Key", "b".repeat(4_000))).statusCode())
        .isEqualTo(200);
    assertDenied(
        send(request(one, "/by-header").header("X-Api-Key", "b".repeat(4_000))), "/by-header");
    assertThat(get(one, "/by-header").statusCode()).isEqualTo(200);
    assertDenied(get(one, "/by-header"), "/by-header");
  }

  @Test
  void ofSeveralRulesTheTightestIsTold() {
    HttpResponse<String> first = get(one, "/both");
    assertThat(header(first, "RateLimit-Policy"))
        .isEqualTo(
            "\"wide:PT24H\";q=5;w=86400, \"wide:PT48H\";q=100;w=172800"
                + " | \"narrow\";q=2;w=86400 | \"late\";q=50;w=86400");
    assertThat(header(first, "RateLimit")).startsWith("\"narrow\";r=1;t=");
    assertThat(get(one, "/both").statusCode()).isEqualTo(200);
    for (int i = 0; i < 5; i++) {
      assertDenied(get(one, "/both"), "narrow");
    }
    // None of those counted for the other rules.
    assertThat(
            one.getBean(io.howdah.Howdah.class)
                .rateLimiter(
                    "wide",
                    io.howdah.ratelimit.RateLimit.perDay(5),
                    io.howdah.ratelimit.RateLimit.of(100, java.time.Duration.ofDays(2)))
                .peek("ip:127.0.0.1")
                .orElseThrow()
                .remaining())
        .isEqualTo(3);
  }

  @Test
  void expressionsMayLeaveARequestAlone() {
    for (int i = 0; i < 3; i++) {
      assertThat(get(one, "/spel").statusCode()).isEqualTo(200);
    }
    assertThat(get(one, "/spel?user=x").statusCode()).isEqualTo(200);
    assertDenied(get(one, "/spel?user=x"), "/spel");
    assertThat(get(one, "/spel?user=y").statusCode()).isEqualTo(200);
  }

  /** As far as Boot's strategy for forwarded headers says. */
  @Test
  void addressIsThatBehindTheProxy() {
    assertThat(send(request(one, "/forwarded").header("X-Forwarded-For", "192.0.2.1")).statusCode())
        .isEqualTo(200);
    assertThat(send(request(one, "/forwarded").header("X-Forwarded-For", "192.0.2.2")).statusCode())
        .isEqualTo(200);
    assertDenied(
        send(request(one, "/forwarded").header("X-Forwarded-For", "192.0.2.2")), "/forwarded");
  }

  @Test
  void deniedMethodUnderAControllerIsAProblemToo() {
    assertThat(get(one, "/annotated").body()).isEqualTo("annotated");
    HttpResponse<String> denied = get(two, "/annotated");
    assertDenied(denied, "Pages.annotated:PT24H");
    assertThat(header(denied, "RateLimit-Policy"))
        .isEqualTo(
            "\"Pages.annotated:PT24H\";q=1;w=86400, \"Pages.annotated:PT48H\";q=100;w=172800");
    // Whatever the client would like better.
    assertDenied(
        send(request(one, "/annotated").header("Accept", "text/html")), "Pages.annotated:PT24H");
  }

  @Test
  void withoutAnAnswerOfTheDatabaseDenyingIsServiceUnavailable() throws Exception {
    // What was denied may be counted all the same, once the table is free.
    String own = TestPostgres.freshSchema(getClass());
    try (ConfigurableApplicationContext denying =
            Applications.startWeb(
                own,
                Application.class,
                "howdah.rate-limit.rules[0].path=/plain",
                "howdah.rate-limit.rules[0].limit=1000/1d",
                "howdah.rate-limit.on-failure=deny",
                "howdah.rate-limit.patience=100ms");
        Connection connection = TestPostgres.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      try (var statement = connection.createStatement()) {
        statement.execute("LOCK TABLE " + own + ".rate_limit IN ACCESS EXCLUSIVE MODE");
      }
      HttpResponse<String> denied = get(denying, "/plain");
      assertThat(denied.statusCode()).isEqualTo(503);
      assertThat(header(denied, "Retry-After")).isEqualTo("1");
      assertThat(header(denied, "RateLimit")).isEmpty();
      assertThat(denied.body()).contains("temporary-reduced-capacity");
      HttpResponse<String> method = get(denying, "/annotated");
      assertThat(method.statusCode()).isEqualTo(503);
      assertThat(header(method, "RateLimit")).isEmpty();
      connection.rollback();
    }
  }
}
