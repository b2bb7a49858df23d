package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.expression.ParseException;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.RequestPath;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

/** A rule of the properties, ready to be asked. */
record PathRule(
    String name,
    PathPattern path,
    Set<String> methods,
    RequestKey key,
    List<RateLimit> limits,
    RateLimiter limiter) {
  private static final PathContainer.Options DECODED = PathContainer.Options.create('/', false);

  /**
   * The rules of the properties.
   *
   * @throws InvalidConfigurationPropertyValueException when one cannot be understood
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
      } catch (ParseException e) {
        throw mistake(i, properties.rules().get(i), "key: " + e.getMessage(), e);
      } catch (IllegalArgumentException e) {
        throw mistake(i, properties.rules().get(i), String.valueOf(e.getMessage()), e);
      }
    }
    return List.copyOf(rules);
  }

  /** Of a message that begins with the name of what is wrong. */
  private static InvalidConfigurationPropertyValueException mistake(
      int number, RateLimitProperties.Rule rule, String message, RuntimeException cause) {
    int colon = message.indexOf(": ");
    String property = message.substring(0, colon);
    Object value =
        switch (property) {
          case "name" -> rule.name();
          case "path" -> rule.path();
          case "limit" -> rule.limit();
          case "after-login" -> rule.afterLogin();
          default -> rule.key();
        };
    return new InvalidConfigurationPropertyValueException(
        "howdah.rate-limit.rules[" + number + "]." + property,
        value,
        message.substring(colon + 2),
        cause);
  }

  private static PathRule of(
      RateLimitProperties.Rule rule,
      RateLimitProperties properties,
      Limiters limiters,
      BeanFactory beans) {
    String path = rule.path();
    String limit = rule.limit();
    if (path == null || path.isEmpty()) {
      throw new IllegalArgumentException("path: a pattern expected, such as /api/**; got none");
    }
    if (limit == null) {
      throw new IllegalArgumentException("limit: one expected, such as 10/1m; got none");
    }
    String name = Objects.requireNonNullElse(rule.name(), path);
    PolicyHeaders.checkName(name);
    Set<String> methods = new HashSet<>();
    for (String method : rule.method()) {
      methods.add(method.toUpperCase(Locale.ROOT));
    }
    if (methods.contains("GET")) {
      // Whoever answers GET answers HEAD as well, with the same work.
      methods.add("HEAD");
    }
    List<RateLimit> limits = LimitText.parse(limit);
    RequestKey key = RequestKey.parse(rule.key(), properties.ipv6Prefix(), beans);
    Boolean afterLogin = rule.afterLogin();
    return new PathRule(
        name,
        pattern(path),
        Set.copyOf(methods),
        afterLogin == null ? key : key.asked(afterLogin),
        limits,
        limiters.limiter(name, limits));
  }

  private static PathPattern pattern(String path) {
    try {
      return PathPatternParser.defaultInstance.parse(path);
    } catch (PatternParseException e) {
      throw new IllegalArgumentException("path: " + e.toDetailedString(), e);
    }
  }

  boolean matches(String method, List<PathContainer> withinApplication) {
    return (methods.isEmpty() || methods.contains(method))
        && withinApplication.stream().anyMatch(path::matches);
  }

  /**
   * What a request may lead to: to Spring MVC its path as it was sent, to other servlets what the
   * container has made of it, without {@code ..} for example.
   */
  static List<PathContainer> paths(HttpServletRequest request) {
    PathContainer sent =
        RequestPath.parse(request.getRequestURI(), request.getContextPath())
            .pathWithinApplication();
    String mapped =
        request.getServletPath() + Objects.requireNonNullElse(request.getPathInfo(), "");
    return mapped.equals(sent.value())
        ? List.of(sent)
        : List.of(sent, PathContainer.parsePath(mapped, DECODED));
  }
}
