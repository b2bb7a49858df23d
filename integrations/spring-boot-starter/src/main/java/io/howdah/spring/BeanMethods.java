package io.howdah.spring;

import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ReflectionUtils;

/** Methods of beans that have an annotation, also of beans behind proxies. For the starter. */
public final class BeanMethods {
  private static final Logger LOG = LoggerFactory.getLogger(BeanMethods.class);

  private BeanMethods() {}

  /**
   * A method of a bean.
   *
   * @param targetClass the class of the bean behind its proxy
   * @param method as that class declares it
   */
  public record Found<A extends Annotation>(
      String beanName, Class<?> targetClass, Method method, A annotation) {

    /** In words, for messages. */
    @Override
    public String toString() {
      return "@"
          + annotation.annotationType().getSimpleName()
          + " on "
          + targetClass.getName()
          + "."
          + method.getName()
          + " (bean "
          + beanName
          + ")";
    }

    /** An error of its declaration, which ends the start of the application. */
    public IllegalStateException mistake(String what) {
      return new IllegalStateException(this + ": " + what);
    }

    /**
     * The method to call on the bean, through its proxy.
     *
     * @throws IllegalStateException when the proxy does not have it
     */
    public Invocable on(ConfigurableListableBeanFactory beans) {
      Object bean = beans.getBean(beanName);
      Method invocable;
      try {
        invocable = AopUtils.selectInvocableMethod(method, bean.getClass());
      } catch (IllegalStateException e) {
        throw new IllegalStateException(this + ": " + e.getMessage(), e);
      }
      ReflectionUtils.makeAccessible(invocable);
      return new Invocable(bean, invocable);
    }
  }

  /** A method and its bean. */
  public record Invocable(Object bean, Method method) {
    /** Calls it; throws what it throws. */
    public void invoke(@Nullable Object... arguments) throws Exception {
      try {
        var unused = method.invoke(bean, arguments);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof Exception exception) {
          throw exception;
        }
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw e;
      }
    }
  }

  /** All of them; makes no bean. */
  public static <A extends Annotation> List<Found<A>> find(
      ConfigurableListableBeanFactory beans, Class<A> annotation) {
    List<Found<A>> all = new ArrayList<>();
    for (String name : beans.getBeanNamesForType(Object.class, true, false)) {
      Class<?> type =
          ScopedProxyUtils.isScopedTarget(name)
              ? null
              : AutoProxyUtils.determineTargetClass(
                  beans,
                  beans.containsBean(ScopedProxyUtils.getTargetBeanName(name))
                      ? ScopedProxyUtils.getTargetBeanName(name)
                      : name);
      if (type == null
          || type.getName().startsWith("org.springframework.")
          || !AnnotationUtils.isCandidateClass(type, annotation)) {
        continue;
      }
      methods(type, annotation)
          .forEach((method, found) -> all.add(new Found<>(name, type, method, found)));
    }
    return List.copyOf(all);
  }

  private static <A extends Annotation> Map<Method, A> methods(Class<?> type, Class<A> annotation) {
    try {
      return MethodIntrospector.selectMethods(
          type,
          (MethodIntrospector.MetadataLookup<A>)
              method -> AnnotatedElementUtils.findMergedAnnotation(method, annotation));
    } catch (IllegalStateException | LinkageError e) {
      // Beans of libraries may name classes that are not there, in methods that nobody calls.
      LOG.debug("{} is not looked at for {}", type, annotation.getSimpleName(), e);
      return Map.of();
    }
  }
}
