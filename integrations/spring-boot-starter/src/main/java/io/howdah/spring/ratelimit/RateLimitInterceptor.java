package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.RateLimiter;
import io.howdah.ratelimit.RateLimiter.Tightest;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;

/** Asks the limits of a method before it is called. */
final class RateLimitInterceptor implements MethodInterceptor {
  private final MethodLimits methods;
  private final ObjectProvider<Limiters> limiters;
  private final BeanFactory beans;
  private final ParameterNameDiscoverer names = new DefaultParameterNameDiscoverer();
  private final Map<MethodLimits.Limited, RateLimiter> made = new ConcurrentHashMap<>();

  /**
   * Makes one.
   *
   * @param limiters asked for at the first call: an interceptor is made before the data source
   */
  RateLimitInterceptor(MethodLimits methods, ObjectProvider<Limiters> limiters, BeanFactory beans) {
    this.methods = methods;
    this.limiters = limiters;
    this.beans = beans;
  }

  @Override
  public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
    Object target = invocation.getThis();
    Class<?> targetClass =
        target == null
            ? invocation.getMethod().getDeclaringClass()
            : AopUtils.getTargetClass(target);
    MethodLimits.Limits limits = methods.of(invocation.getMethod(), targetClass);
    if (!limits.all().isEmpty()) {
      acquire(limits, invocation, target, targetClass);
    }
    return invocation.proceed();
  }

  private void acquire(
      MethodLimits.Limits limits,
      MethodInvocation invocation,
      @Nullable Object target,
      Class<?> targetClass) {
    Method method = AopUtils.getMostSpecificMethod(invocation.getMethod(), targetClass);
    MethodBasedEvaluationContext context =
        new MethodBasedEvaluationContext(target, method, invocation.getArguments(), names);
    context.setBeanResolver(new BeanFactoryResolver(beans));
    List<RateLimiter.Request> requests = new ArrayList<>(limits.all().size());
    for (MethodLimits.Limited one : limits.all()) {
      requests.add(new RateLimiter.Request(limiter(one), key(one, context, method)));
    }
    Tightest tightest = RateLimiter.acquireAll(requests, limits.cost());
    if (!tightest.decision().allowed()) {
      throw limits.denied(tightest);
    }
  }

  private RateLimiter limiter(MethodLimits.Limited one) {
    RateLimiter limiter = made.get(one);
    if (limiter == null) {
      limiter = limiters.getObject().limiter(one.name(), one.limits());
      made.put(one, limiter);
    }
    return limiter;
  }

  private static String key(
      MethodLimits.Limited one, MethodBasedEvaluationContext context, Method method) {
    if (one.key() == null) {
      return "*";
    }
    Object key = one.key().getValue(context);
    if (key == null) {
      throw new IllegalStateException(
          "@RateLimited on "
              + method.getDeclaringClass().getName()
              + "."
              + method.getName()
              + ": the key "
              + one.key().getExpressionString()
              + " is null");
    }
    return Limiters.bounded(key.toString());
  }
}
