package io.howdah.spring.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ratelimit.Decision;
import io.howdah.ratelimit.RateLimit;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** What needs no application: limits in words, headers, addresses, keys. */
class RateLimitTextsTest {
  @Test
  void limitsAreReadFromWords() {
    assertThat(LimitText.parse("10/1m")).containsExactly(RateLimit.perMinute(10));
    assertThat(LimitText.parse(" 10 / PT1M burst 20"))
        .containsExactly(RateLimit.perMinute(10).burst(20));
    assertThat(LimitText.parse("5/500ms fixed, 1000/1d sliding"))
        .containsExactly(
            RateLimit.of(5, Duration.ofMillis(500)).fixedWindow(),
            RateLimit.perDay(1_000).slidingWindow());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10",
        "10/",
        "/1m",
        "10/m1",
        "10/1m burst",
        "10/1m burst 5 sliding",
        "-1/1m",
        "0/1m",
        "10/1m,",
        "10/1m twice",
        "9999999999999999999/1m",
        "10/0s",
        "10/1m, 20/1m",
        "10/1m, 20/60s sliding"
      })
  void otherWordsAreRefused(String text) {
    assertThatThrownBy(() -> LimitText.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("limit: ")
        .hasMessageContaining("\"" + text + "\"");
  }

  private static Decision decision(boolean allowed, long remaining, Duration retry) {
    return new Decision(
        allowed, 10, remaining, retry, Duration.ofSeconds(6), Decision.Source.DATABASE);
  }

  @Test
  void headersAreStructuredFields() {
    RateLimit bucket = RateLimit.perMinute(10).burst(20);
    assertThat(PolicyHeaders.policies("api", List.of(bucket)))
        .isEqualTo("\"api\";q=10;w=60;howdah-burst=20");
    RateLimit second = RateLimit.of(5, Duration.ofMillis(500));
    assertThat(PolicyHeaders.policies("a \"b\\", List.of(second, RateLimit.perDay(1_000))))
        .isEqualTo("\"a \\\"b\\\\:PT0.5S\";q=5, \"a \\\"b\\\\:PT24H\";q=1000;w=86400");
    assertThat(PolicyHeaders.policies("big", List.of(RateLimit.perSecond(1L << 41))))
        .isEqualTo("\"big\";q=2199023255552;w=1");
  }

  /** Who spreads what remains over t stays within the limit. */
  @Test
  void windowFitsWhatRemains() {
    List<RateLimit> bucket = List.of(RateLimit.perMinute(10));
    assertThat(PolicyHeaders.limit("api", bucket.get(0), decision(true, 9, Duration.ZERO)))
        .isEqualTo("\"api\";r=9;t=54");
    assertThat(PolicyHeaders.limit("api", bucket.get(0), decision(true, 0, Duration.ZERO)))
        .isEqualTo("\"api\";r=0;t=6");
    assertThat(
            PolicyHeaders.limit("api", bucket.get(0), decision(false, 0, Duration.ofMillis(5_001))))
        .isEqualTo("\"api\";r=0;t=6");
    List<RateLimit> window = List.of(RateLimit.perMinute(10).fixedWindow());
    assertThat(PolicyHeaders.limit("api", window.get(0), decision(true, 3, Duration.ZERO)))
        .isEqualTo("\"api\";r=3;t=6");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\nb", "ä", "a\tb"})
  void namesThatNoHeaderTakesAreRefused(String name) {
    assertThatThrownBy(() -> PolicyHeaders.checkName(name))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void clientsOfOneNetworkShareAKey() {
    assertThat(ClientAddress.of("192.0.2.7", 64)).isEqualTo("192.0.2.7");
    assertThat(ClientAddress.of("2001:db8:1:2:aaaa::1", 64))
        .isEqualTo(ClientAddress.of("2001:db8:1:2:bbbb::2", 64))
        .isNotEqualTo(ClientAddress.of("2001:db8:1:3::1", 64));
    assertThat(ClientAddress.of("2001:db8::1", 128)).isEqualTo("2001:db8:0:0:0:0:0:1/128");
    assertThat(ClientAddress.of("::ffff:192.0.2.7", 64)).isEqualTo("192.0.2.7");
    // What a proxy may say instead of an address is not looked up.
    assertThat(ClientAddress.of("_hidden", 64)).isEqualTo("_hidden");
    assertThat(ClientAddress.of("some:where", 64)).isEqualTo("some:where");
    assertThat(ClientAddress.of("abc:def", 64)).isEqualTo("abc:def");
    assertThat(ClientAddress.of("", 64)).isEmpty();
  }

  @Test
  void portsAndInterfacesAreNoPartOfAnAddress() {
    assertThat(ClientAddress.of("192.0.2.7:4711", 64)).isEqualTo("192.0.2.7");
    for (String same : List.of("[2001:db8::1]:4711", "[2001:db8::1]", "2001:db8::1%eth0")) {
      assertThat(ClientAddress.of(same, 64)).isEqualTo(ClientAddress.of("2001:db8::1", 64));
    }
  }

  /** A servlet that is not Spring's gets what the container has made of it. */
  @Test
  void requestsAreLimitedByWhatTheyLeadTo() {
    PathPattern admin = PathPatternParser.defaultInstance.parse("/admin/**");
    MockHttpServletRequest request = new MockHttpServletRequest("GET", "/app/x/..;a=b/%61dmin/1");
    request.setContextPath("/app");
    request.setServletPath("/admin");
    request.setPathInfo("/1");
    assertThat(PathRule.paths(request)).anyMatch(admin::matches);
    MockHttpServletRequest sent = new MockHttpServletRequest("GET", "/app/%61dmin/100%25");
    sent.setContextPath("/app");
    sent.setServletPath("/other/100%");
    assertThat(PathRule.paths(sent)).anyMatch(admin::matches);
  }

  @Test
  void longOrStrangeKeysAreHashed() {
    assertThat(Limiters.bounded("ann@example.org")).isEqualTo("ann@example.org");
    String hashed = Limiters.bounded("x".repeat(100_000));
    assertThat(hashed)
        .startsWith("sha256:")
        .hasSize(50)
        .isNotEqualTo(Limiters.bounded("y".repeat(100_000)));
    assertThat(Limiters.bounded("a\0b")).startsWith("sha256:");
    assertThat(Limiters.bounded("\ud800")).startsWith("sha256:");
    assertThat(Limiters.bounded("")).startsWith("sha256:");
  }
}
