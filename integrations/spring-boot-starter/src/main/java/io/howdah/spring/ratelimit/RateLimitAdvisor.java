package io.howdah.spring.ratelimit;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;
import org.springframework.core.annotation.AnnotationUtils;

/**
 * Has limited methods intercepted. A mistake in an annotation ends the start of the application.
 */
final class RateLimitAdvisor extends StaticMethodMatcherPointcutAdvisor {
  private static final long serialVersionUID = 1L;

  private final transient MethodLimits methods;

  RateLimitAdvisor(MethodLimits methods, RateLimitInterceptor interceptor, int order) {
    super(interceptor);
    this.methods = methods;
    setOrder(order);
    setClassFilter(
        type -> !isOfSpring(type) && AnnotationUtils.isCandidateClass(type, RateLimited.class));
  }

  /** Most beans are, and to look at all their methods takes a good part of a start. */
  private static boolean isOfSpring(Class<?> type) {
    return type.getName().startsWith("org.springframework.") && !Proxy.isProxyClass(type);
  }

  @Override
  public boolean matches(Method method, Class<?> targetClass) {
    return !methods.of(method, targetClass).all().isEmpty();
  }
}
