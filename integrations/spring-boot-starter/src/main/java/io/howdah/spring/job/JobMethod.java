package io.howdah.spring.job;

import io.howdah.Transaction;
import io.howdah.job.JobContext;
import io.howdah.spring.BeanMethods.Found;
import io.howdah.spring.BeanMethods.Invocable;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;

/** A handler of a queue, and what it takes. */
record JobMethod(String queue, Found<JobHandler> found, Type payload, List<Argument> arguments) {

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
    List<Argument> arguments = new ArrayList<>();
    ResolvableType payload = null;
    ResolvableType contextOf = null;
    for (int i = 0; i < method.getParameterCount(); i++) {
      ResolvableType type = ResolvableType.forMethodParameter(method, i, found.targetClass());
      Argument argument;
      if (type.toClass() == JobContext.class) {
        argument = Argument.CONTEXT;
        contextOf = type.getGeneric(0);
      } else if (type.toClass() == Transaction.class) {
        argument = Argument.TRANSACTION;
      } else {
        argument = Argument.PAYLOAD;
        payload = type;
      }
      if (arguments.contains(argument)) {
        throw found.mistake(
            "one payload, one JobContext and one Transaction expected at most, got two parameters"
                + " that are a "
                + argument.name().toLowerCase(Locale.ROOT));
      }
      arguments.add(argument);
    }
    ResolvableType type = payload == null ? contextOf : payload;
    return new JobMethod(
        queue,
        found,
        type == null || type.resolve() == null ? Object.class : type.getType(),
        List.copyOf(arguments));
  }

  boolean takesTransaction() {
    return arguments.contains(Argument.TRANSACTION);
  }

  void invoke(Invocable method, JobContext<?> job, @Nullable Transaction transaction)
      throws Exception {
    @Nullable Object[] values = new Object[arguments.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (arguments.get(i)) {
            case PAYLOAD -> job.payload();
            case CONTEXT -> job;
            case TRANSACTION -> transaction;
          };
    }
    method.invoke(values);
  }
}
