package io.howdah.flag;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A condition, made ready: <code>_flag_holds</code> of flag.sql. */
final class Check {
  private final String attribute;
  private final boolean negated;

  /** The kind that an attribute must have to be compared at all; null: any. */
  private final @Nullable Class<?> kind;

  private final Predicate<Object> test;

  Check(FlagCondition condition) {
    this.attribute = condition.attribute();
    this.negated = condition.negated();
    Object first = condition.values().get(0);
    switch (condition.operator()) {
      case EQUALS, IN -> {
        kind = null;
        test = oneOf(condition.values());
      }
      case STARTS_WITH -> {
        kind = String.class;
        test = given -> ((String) given).startsWith((String) first);
      }
      default -> {
        kind = BigDecimal.class;
        BigDecimal number = (BigDecimal) first;
        test =
            switch (condition.operator()) {
              case LESS_THAN -> given -> ((BigDecimal) given).compareTo(number) < 0;
              case AT_MOST -> given -> ((BigDecimal) given).compareTo(number) <= 0;
              case GREATER_THAN -> given -> ((BigDecimal) given).compareTo(number) > 0;
              default -> given -> ((BigDecimal) given).compareTo(number) >= 0;
            };
      }
    }
  }

  /** Numbers are the same when their values are: a sorted set compares them so. */
  private static Predicate<Object> oneOf(List<Object> values) {
    Set<Object> others = new HashSet<>();
    Set<BigDecimal> numbers = new TreeSet<>();
    for (Object value : values) {
      if (value instanceof BigDecimal number) {
        numbers.add(number);
      } else {
        others.add(value);
      }
    }
    return given ->
        given instanceof BigDecimal number ? numbers.contains(number) : others.contains(given);
  }

  boolean holds(FlagSubject subject) {
    Object given = subject.attribute(attribute);
    if (given == null || (kind != null && given.getClass() != kind)) {
      return false;
    }
    return test.test(given) != negated;
  }
}
