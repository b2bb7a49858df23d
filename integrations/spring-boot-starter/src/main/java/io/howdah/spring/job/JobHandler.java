package io.howdah.spring.job;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Has a method of a bean do the jobs of a queue, from when the context is ready until it is closed.
 *
 * <pre>{@code
 * @JobHandler("mail")
 * void send(Mail mail) { ... }
 * }</pre>
 *
 * <p>Its parameters, each at most once and in any order: the payload, of any type that Jackson
 * makes of JSON; {@link io.howdah.job.JobContext}, of the payload's type; {@link
 * io.howdah.Transaction}. When it returns the job is completed; when it throws, the job is tried
 * again, as its backoff says.
 *
 * <p>With a {@code Transaction}, or {@link #transactional}, the method runs in a transaction of
 * Spring's in which the job is completed: both are committed or neither.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface JobHandler {
  /** The queue; placeholders ({@code ${mail.queue}}) are replaced. A queue has one handler. */
  String value();

  /**
   * How many jobs of the queue a process does at once, 1 to 1,000; 0 for {@code
   * howdah.job.concurrency}. {@code howdah.job.queues.<queue>.concurrency} overrides it.
   */
  int concurrency() default 0;

  /**
   * For how long a job is this process's after it was last heard of, such as "30s"; empty for
   * {@code howdah.job.lease}. {@code howdah.job.queues.<queue>.lease} overrides it.
   */
  String lease() default "";

  /**
   * Whether the method runs in a transaction that also completes the job: what it does with the
   * application's data source, by JPA, JdbcClient or {@code @Transactional} beans that join, is
   * committed with the job or not at all. A parameter {@code Transaction} says so as well.
   */
  boolean transactional() default false;
}
