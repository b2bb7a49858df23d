package io.howdah.flag;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * A condition on an attribute of the subject. An attribute that is absent, or of a kind that cannot
 * be compared, fulfils none, negated or not.
 *
 * @param attribute the name of the attribute
 * @param operator how it is compared
 * @param values with what: texts, numbers and booleans; one, but for {@link Operator#IN}
 * @param negated whether the contrary is asked for
 */
public record FlagCondition(
    String attribute, Operator operator, List<Object> values, boolean negated) {

  /** How an attribute is compared. */
  public enum Operator {
    /** The same text, number or boolean; numbers by their value. */
    EQUALS,
    /** The same as one of several. */
    IN,
    /** A text that begins so. */
    STARTS_WITH,
    /** A smaller number. */
    LESS_THAN,
    /** A number not larger. */
    AT_MOST,
    /** A larger number. */
    GREATER_THAN,
    /** A number not smaller. */
    AT_LEAST;

    /** As JSON spells it. */
    public String jsonName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public FlagCondition {
    values = List.copyOf(values);
  }

  /** The attribute is this text, number or boolean. */
  public static FlagCondition isEqual(String attribute, Object value) {
    return new FlagCondition(attribute, Operator.EQUALS, List.of(value), false);
  }

  /** The attribute is one of these. */
  public static FlagCondition isIn(String attribute, Object... values) {
    return isIn(attribute, Arrays.asList(values));
  }

  /** The attribute is one of these. */
  public static FlagCondition isIn(String attribute, Collection<?> values) {
    return new FlagCondition(attribute, Operator.IN, List.copyOf(values), false);
  }

  /** The attribute is a text that begins so. */
  public static FlagCondition startsWith(String attribute, String prefix) {
    return new FlagCondition(attribute, Operator.STARTS_WITH, List.of(prefix), false);
  }

  /** The attribute is a number below this one. */
  public static FlagCondition isLessThan(String attribute, Number number) {
    return new FlagCondition(attribute, Operator.LESS_THAN, List.of(number), false);
  }

  /** The attribute is this number, or one below. */
  public static FlagCondition isAtMost(String attribute, Number number) {
    return new FlagCondition(attribute, Operator.AT_MOST, List.of(number), false);
  }

  /** The attribute is a number above this one. */
  public static FlagCondition isGreaterThan(String attribute, Number number) {
    return new FlagCondition(attribute, Operator.GREATER_THAN, List.of(number), false);
  }

  /** The attribute is this number, or one above. */
  public static FlagCondition isAtLeast(String attribute, Number number) {
    return new FlagCondition(attribute, Operator.AT_LEAST, List.of(number), false);
  }

  /** The contrary, of an attribute that is there. */
  public FlagCondition not() {
    return new FlagCondition(attribute, operator, values, !negated);
  }
}
