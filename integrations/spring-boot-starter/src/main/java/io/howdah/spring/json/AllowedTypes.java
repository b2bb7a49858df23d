package io.howdah.spring.json;

import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Of which classes objects are made when stored JSON names them. Whoever can write to the database
 * could name any class; what is not listed here is not even loaded as a value.
 *
 * <p>Always allowed are the value types of the JDK: texts, numbers, booleans, dates and times,
 * UUIDs, locales, currencies, URIs, optional values, the collections and maps of {@code java.util},
 * and arrays of what is allowed. More are allowed by the name of a class or of a package, which
 * includes the packages below it.
 */
public final class AllowedTypes {
  private static final Set<String> VALUES =
      Set.of(
          "java.lang.String",
          "java.lang.Boolean",
          "java.lang.Character",
          "java.lang.Byte",
          "java.lang.Short",
          "java.lang.Integer",
          "java.lang.Long",
          "java.lang.Float",
          "java.lang.Double",
          "java.math.BigInteger",
          "java.math.BigDecimal",
          "java.net.URI",
          "java.util.UUID",
          "java.util.Date",
          "java.util.Locale",
          "java.util.Currency",
          "java.util.BitSet",
          "java.util.Optional",
          "java.util.OptionalInt",
          "java.util.OptionalLong",
          "java.util.OptionalDouble",
          "java.util.concurrent.atomic.AtomicBoolean",
          "java.util.concurrent.atomic.AtomicInteger",
          "java.util.concurrent.atomic.AtomicLong");

  private final Set<String> names;

  private AllowedTypes(Set<String> names) {
    this.names = names;
  }

  /**
   * These classes and packages, and the value types of the JDK.
   *
   * @param names such as {@code com.acme.Cart} and {@code com.acme.shop}
   */
  public static AllowedTypes of(Collection<String> names) {
    return new AllowedTypes(new LinkedHashSet<>(names));
  }

  /** Whether objects of this class may be made. */
  public boolean test(Class<?> type) {
    Class<?> element = type;
    while (element.isArray()) {
      element = element.getComponentType();
    }
    if (element.isPrimitive() || element == Object.class) {
      return type.isArray();
    }
    return isValue(element) || isNamed(element.getName());
  }

  private static boolean isValue(Class<?> type) {
    String name = type.getName();
    if (VALUES.contains(name)) {
      return true;
    }
    String home = type.getPackageName();
    return switch (home) {
      case "java.time" ->
          TemporalAccessor.class.isAssignableFrom(type)
              || TemporalAmount.class.isAssignableFrom(type)
              || java.time.ZoneId.class.isAssignableFrom(type);
      case "java.util", "java.util.concurrent" ->
          Collection.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type);
      default -> false;
    };
  }

  private boolean isNamed(String type) {
    if (names.contains(type)) {
      return true;
    }
    int end = type.lastIndexOf('.');
    while (end > 0) {
      if (names.contains(type.substring(0, end))) {
        return true;
      }
      end = type.lastIndexOf('.', end - 1);
    }
    return false;
  }
}
