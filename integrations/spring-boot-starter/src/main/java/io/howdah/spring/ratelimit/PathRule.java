package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.expression.ParseException;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** A rule of the properties, ready to be asked. */
record PathRule(
    String name,
    PathPattern path,
    Set<String> methods,
    RequestKey key,
    List<RateLimit> limits,
    RateLimiter limiter) {

  /**
   * The rules of the properties.
   *
   * @throws IllegalStateException when one cannot be understood; the message names it
   */
  static List<PathRule> all(RateLimitProperties properties, Limiters limiters, BeanFactory beans) {
    List<PathRule> rules = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < properties.rules().size(); i++) {
      try {
        PathRule rule = of(properties.rules().get(i), properties, limiters, beans);
        if (!names.add(rule.name())) {
          throw new IllegalArgumentException(
              "name: another one for each rule expected, got " + rule.name() + " twice");
        }
        rules.add(rule);
      } catch (IllegalArgumentException | ParseException e) {
        throw new IllegalStateException("howdah.rate-limit.rules[" + i + "]." + e.getMessage(), e);
      }
    }
    return List.copyOf(rules);
  }

  private static PathRule of(
      RateLimitProperties.Rule rule,
      RateLimitProperties properties,
      Limiters limiters,
      BeanFactory beans) {
    String name = rule.name() == null ? rule.path() : rule.name();
    PolicyHeaders.checkName(name);
    Set<String> methods = new HashSet<>();
    for (String method : rule.method()) {
      methods.add(method.toUpperCase(Locale.ROOT));
    }
    if (methods.contains("GET")) {
      // Whoever answers GET answers HEAD as well, with the same work.
      methods.add("HEAD");
    }
    List<RateLimit> limits = LimitText.parse(rule.limit());
    return new PathRule(
        name,
        PathPatternParser.defaultInstance.parse(rule.path()),
        Set.copyOf(methods),
        RequestKey.parse(rule.key(), properties.ipv6Prefix(), beans),
        limits,
        limiters.limiter(name, limits));
  }

  boolean matches(String method, PathContainer withinApplication) {
    return (methods.isEmpty() || methods.contains(method)) && path.matches(withinApplication);
  }
}
