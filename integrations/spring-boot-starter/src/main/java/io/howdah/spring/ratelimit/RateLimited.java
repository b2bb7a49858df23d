package io.howdah.spring.ratelimit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Limits how often a method of a bean is called, in the whole cluster. A call over the limit throws
 * {@link RateLimitedException}, before a transaction begins. Several on a method are all or none.
 *
 * <pre>{@code
 * @RateLimited(limit = "10/1m burst 20", key = "#user.id")
 * public Order checkout(User user, Cart cart) { ... }
 * }</pre>
 *
 * <p>On a class it is for each of its public methods that has none of its own. Calls from within
 * the bean itself are not seen, as with any annotation of Spring's proxies.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Repeatable(RateLimited.Several.class)
public @interface RateLimited {
  /**
   * Calls in a period: "10/1m"; "10/1m burst 20", a token bucket of another size; "10/1m sliding"
   * and "10/1m fixed", windows; several with commas between them, each with a period of its own.
   * Placeholders ({@code ${checkout.limit}}) are replaced.
   */
  String limit();

  /**
   * An expression of SpEL for whom or what to limit, of the arguments by their names ({@code
   * #user.id}), or {@code #p0}; beans as {@code @name}. By default all callers have one limit
   * together. It must not be null.
   */
  String key() default "";

  /**
   * What the limit is called; the same name on several methods is one limit for all of them. By
   * default the class and the method ({@code OrderService.checkout}), and of several on a method
   * their number from the second on ({@code OrderService.checkout#2}).
   */
  String name() default "";

  /** How many calls a call counts as, from 1. The same for all limits of a method. */
  long cost() default 1;

  /** What several of them on one method are, to the compiler. */
  @Target({ElementType.METHOD, ElementType.TYPE})
  @Retention(RetentionPolicy.RUNTIME)
  @Inherited
  @Documented
  @interface Several {
    /** They. */
    RateLimited[] value();
  }
}
