package io.howdah.spring.ratelimit;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.util.ReflectionUtils;

/**
 * Has limited methods intercepted. A mistake in an annotation ends the start of the application.
 */
final class RateLimitAdvisor extends StaticMethodMatcherPointcutAdvisor {
  private static final long serialVersionUID = 1L;

  private final transient MethodLimits methods;

  /** Of classes and interfaces, whether there is an annotation in them, or above them. */
  private final transient Map<Class<?>, Boolean> annotated = new ConcurrentHashMap<>();

  RateLimitAdvisor(MethodLimits methods, RateLimitInterceptor interceptor, int order) {
    super(interceptor);
    this.methods = methods;
    setOrder(order);
    setClassFilter(type -> !isOfSpring(type) && isAnnotated(type));
  }

  /** Most beans are, and to look at all their methods takes a good part of a start. */
  private static boolean isOfSpring(Class<?> type) {
    return type.getName().startsWith("org.springframework.") && !Proxy.isProxyClass(type);
  }

  /** Few classes are, and to look at each method of the others with all it overrides takes time. */
  private boolean isAnnotated(Class<?> type) {
    Boolean known = annotated.get(type);
    if (known == null) {
      known = looksAnnotated(type);
      annotated.put(type, known);
    }
    return known;
  }

  private boolean looksAnnotated(Class<?> type) {
    if (!AnnotationUtils.isCandidateClass(type, RateLimited.class)) {
      return false;
    }
    if (isPresent(type)) {
      return true;
    }
    for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
      if (isPresent(method)) {
        return true;
      }
    }
    Class<?> above = type.getSuperclass();
    if (above != null && isAnnotated(above)) {
      return true;
    }
    for (Class<?> one : type.getInterfaces()) {
      if (isAnnotated(one)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPresent(AnnotatedElement element) {
    return element.getDeclaredAnnotations().length > 0
        && MergedAnnotations.from(element).isPresent(RateLimited.class);
  }

  @Override
  public boolean matches(Method method, Class<?> targetClass) {
    return !methods.of(method, targetClass).all().isEmpty();
  }
}
