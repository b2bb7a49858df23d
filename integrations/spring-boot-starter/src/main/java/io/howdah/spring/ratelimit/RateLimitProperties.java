package io.howdah.spring.ratelimit;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Rate limits of methods ({@link RateLimited}) and of paths.
 *
 * @param enabled whether anything is limited
 * @param onFailure what becomes of a call when the database gives no answer
 * @param patience how long to wait for the database where onFailure is not "throw": 1 ms to 10
 *     minutes
 * @param ipv6Prefix how many bits of an IPv6 address count, 1 to 128: who has one address has its
 *     whole network
 * @param filterOrder the order of the filter for rules whose key is "ip" or a header: before Spring
 *     Security's
 * @param principalFilterOrder the order of the filter for the other rules: after Spring Security's
 * @param interceptorOrder the order of the interceptor of methods: before that of transactions
 * @param rules for requests, by path
 */
@ConfigurationProperties("howdah.rate-limit")
public record RateLimitProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("allow") OnFailure onFailure,
    @DefaultValue("500ms") Duration patience,
    @DefaultValue("64") int ipv6Prefix,
    @DefaultValue("-150") int filterOrder,
    @DefaultValue("-50") int principalFilterOrder,
    @DefaultValue("-1000") int interceptorOrder,
    @DefaultValue List<Rule> rules) {

  /** What becomes of a call when the database gives no answer. */
  public enum OnFailure {
    /** It goes on: better too many calls than none. */
    ALLOW,
    /** It is denied: better no calls than too many. */
    DENY,
    /** It fails with what the database call threw. */
    THROW
  }

  /**
   * A limit of requests.
   *
   * @param name what it is called in the headers and in the key in SQL, by default its path: 1 to
   *     128 printable ASCII characters, another one for each rule
   * @param path a pattern of paths within the application, as of Spring MVC: /api/**
   * @param method the methods of HTTP that count, by default all
   * @param limit such as "10/1m", "10/1m burst 20", "10/1s, 1000/1d sliding"
   * @param key by what requests are told apart: "ip", "principal", "header:NAME", or an expression
   *     of SpEL
   * @param afterLogin whether it is asked after Spring Security, when it is known who is logged in;
   *     by default where the key is "principal" or an expression. What Spring Security answers
   *     itself, such as a login, only the others see
   */
  public record Rule(
      @Nullable String name,
      @Nullable String path,
      @DefaultValue Set<String> method,
      @Nullable String limit,
      @DefaultValue("ip") String key,
      @Nullable Boolean afterLogin) {}
}
