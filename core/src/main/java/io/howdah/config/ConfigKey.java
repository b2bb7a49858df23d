package io.howdah.config;

import io.howdah.InvalidArgumentException;
import io.howdah.TypeRef;
import java.lang.reflect.Type;
import java.util.function.Predicate;

/**
 * The key of a configuration value, with its type, its default and what it has to be. Immutable;
 * make one constant for each.
 *
 * <pre>{@code
 * static final ConfigKey<Integer> MAX_ITEMS =
 *     ConfigKey.of("max-items", Integer.class, 50).validatedBy(n -> n > 0, "more than 0");
 * }</pre>
 *
 * @param <V> the type of the values
 */
public final class ConfigKey<V> {
  private final String name;
  private final Type type;
  private final V defaultValue;
  private final Predicate<V> validator;
  private final String expected;

  private ConfigKey(
      String name, Type type, V defaultValue, Predicate<V> validator, String expected) {
    this.name = ConfigLimits.key("key", name);
    this.type = type;
    this.defaultValue = defaultValue;
    this.validator = validator;
    this.expected = expected;
  }

  /**
   * A key whose values Jackson makes JSON of.
   *
   * @param name 1 to 256 bytes
   * @throws InvalidArgumentException when the name is longer or empty
   */
  public static <V> ConfigKey<V> of(String name, Class<V> type, V defaultValue) {
    return new ConfigKey<>(name, type, defaultValue, value -> true, "");
  }

  /** {@link #of(String, Class, Object)} of a generic type. */
  public static <V> ConfigKey<V> of(String name, TypeRef<V> type, V defaultValue) {
    return new ConfigKey<>(name, type.type(), defaultValue, value -> true, "");
  }

  /**
   * The same key, whose values have to pass a check.
   *
   * @param expected what it asks for, in words: "more than 0"
   * @throws InvalidArgumentException when the default does not pass
   */
  public ConfigKey<V> validatedBy(Predicate<V> validator, String expected) {
    ConfigKey<V> validated = new ConfigKey<>(name, type, defaultValue, validator, expected);
    validated.check(defaultValue);
    return validated;
  }

  public String name() {
    return name;
  }

  /** What counts where no value is stored. */
  public V defaultValue() {
    return defaultValue;
  }

  Type type() {
    return type;
  }

  boolean accepts(V value) {
    return validator.test(value);
  }

  void check(V value) {
    if (!accepts(value)) {
      throw new InvalidArgumentException(
          "value", "value: of " + name + " " + expected + " expected, got " + value);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
