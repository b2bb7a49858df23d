package io.howdah.spring.ratelimit;

import java.lang.reflect.Method;
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
    setClassFilter(type -> AnnotationUtils.isCandidateClass(type, RateLimited.class));
  }

  @Override
  public boolean matches(Method method, Class<?> targetClass) {
    return !methods.of(method, targetClass).all().isEmpty();
  }
}
