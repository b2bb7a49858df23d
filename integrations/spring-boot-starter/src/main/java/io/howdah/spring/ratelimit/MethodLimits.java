package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter.Tightest;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.expression.Expression;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.util.ClassUtils;

/** The limits of methods, read from their annotations once. */
final class MethodLimits {
  /**
   * A limit of a method.
   *
   * @param key null for all callers together
   */
  record Limited(String name, List<RateLimit> limits, @Nullable Expression key) {}

  /** All of a method; none when it is not limited. */
  record Limits(List<Limited> all, long cost) {
    static final Limits NONE = new Limits(List.of(), 1);

    RateLimitedException denied(Tightest tightest) {
      Limited by = all.get(tightest.request());
      return new RateLimitedException(
          by.name(),
          PolicyHeaders.policy(by.name(), by.limits(), tightest.limit()),
          all.stream()
              .map(one -> PolicyHeaders.policies(one.name(), one.limits()))
              .collect(Collectors.joining(", ")),
          tightest.limit(),
          tightest.decision());
    }
  }

  private final ConfigurableBeanFactory beans;
  private final SpelExpressionParser parser = new SpelExpressionParser();
  private final Map<MethodClassKey, Limits> known = new ConcurrentHashMap<>();

  MethodLimits(ConfigurableBeanFactory beans) {
    this.beans = beans;
  }

  /**
   * The limits of a method.
   *
   * @throws IllegalStateException when its annotations cannot be understood
   */
  Limits of(Method method, Class<?> targetClass) {
    MethodClassKey key = new MethodClassKey(method, targetClass);
    Limits limits = known.get(key);
    if (limits == null) {
      limits = read(method, targetClass);
      known.put(key, limits);
    }
    return limits;
  }

  private Limits read(Method method, Class<?> targetClass) {
    if (method.getDeclaringClass() == Object.class) {
      return Limits.NONE;
    }
    Method specific = AopUtils.getMostSpecificMethod(method, targetClass);
    Set<RateLimited> annotations =
        AnnotatedElementUtils.findMergedRepeatableAnnotations(specific, RateLimited.class);
    if (annotations.isEmpty() && java.lang.reflect.Modifier.isPublic(specific.getModifiers())) {
      annotations =
          AnnotatedElementUtils.findMergedRepeatableAnnotations(
              ClassUtils.getUserClass(targetClass), RateLimited.class);
    }
    if (annotations.isEmpty()) {
      return Limits.NONE;
    }
    String where = ClassUtils.getUserClass(targetClass).getSimpleName() + "." + specific.getName();
    try {
      return limits(where, annotations);
    } catch (IllegalArgumentException | ParseException e) {
      throw new IllegalStateException(
          "@RateLimited on "
              + ClassUtils.getUserClass(targetClass).getName()
              + "."
              + specific.getName()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private Limits limits(String where, Set<RateLimited> annotations) {
    List<Limited> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long cost = annotations.iterator().next().cost();
    for (RateLimited one : annotations) {
      String byDefault = all.isEmpty() ? where : where + "#" + (all.size() + 1);
      String name = one.name().isEmpty() ? byDefault : resolved(one.name());
      List<RateLimit> limits = LimitText.parse(resolved(one.limit()));
      PolicyHeaders.checkName(name);
      if (!names.add(name)) {
        throw new IllegalArgumentException("name: two are called " + name);
      }
      if (one.cost() != cost) {
        throw new IllegalArgumentException("cost: the same for all of a method expected");
      }
      for (RateLimit limit : limits) {
        if (cost < 1 || cost > limit.burst()) {
          throw new IllegalArgumentException(
              "cost: 1 to " + limit.burst() + " expected, got " + cost);
        }
      }
      Expression key = one.key().isEmpty() ? null : parser.parseExpression(one.key());
      all.add(new Limited(name, limits, key));
    }
    return new Limits(List.copyOf(all), cost);
  }

  private String resolved(String text) {
    String resolved = beans.resolveEmbeddedValue(text);
    return resolved == null ? "" : resolved;
  }
}
