package io.howdah.spring.job;

import io.howdah.Transaction;
import io.howdah.job.JobContext;
import io.howdah.spring.BeanMethods.Found;
import io.howdah.spring.BeanMethods.Invocable;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;

/** A handler of a queue, and what it takes. */
record JobMethod(
    String queue, Found<JobHandler> found, Type payload, Argument[] arguments) {

  /** What a parameter is. */
  enum Argument {
    PAYLOAD,
    CONTEXT,
    TRANSACTION
  }

  /**
   * Looks at a method.
   *
   * @throws IllegalStateException when it cannot be a handler; the message names it
   */
  static JobMethod of(String queue, Found<JobHandler> found) {
    Method method = found.method();
    Argument[] arguments = new Argument[method.getParameterCount()];
    ResolvableType payload = ResolvableType.NONE;
    for (int i = 0; i < arguments.length; i++) {
      ResolvableType type =
          ResolvableType.forMethodParameter(method, i, found.targetClass());
      Class<?> raw = type.toClass();
      arguments[i] =
          raw == JobContext.class
              ? Argument.CONTEXT
              : raw == Transaction.class ? Argument.TRANSACTION : Argument.PAYLOAD;
      for (int before = 0; before < i; before++) {
        if (arguments[before] == arguments[i]) {
          throw found.mistake(
              "one payload, one JobContext and one Transaction expected at most, got two parameters"
                  + " that are a "
                  + arguments[i].name().toLowerCase(java.util.Locale.ROOT));
        }
      }
      if (arguments[i] == Argument.PAYLOAD) {
        payload = type;
      } else if (arguments[i] == Argument.CONTEXT && payload == ResolvableType.NONE) {
        payload = type.getGeneric(0);
      }
    }
    return new JobMethod(
        queue,
        found,
        payload.resolve() == null ? Object.class : payload.getType(),
        arguments);
  }

  boolean takesTransaction() {
    for (Argument argument : arguments) {
      if (argument == Argument.TRANSACTION) {
        return true;
      }
    }
    return false;
  }

  void invoke(Invocable method, JobContext<?> job, @Nullable Transaction transaction)
      throws Exception {
    @Nullable Object[] values = new Object[arguments.length];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (arguments[i]) {
            case PAYLOAD -> job.payload();
            case CONTEXT -> job;
            case TRANSACTION -> transaction;
          };
    }
    method.invoke(values);
  }
}
