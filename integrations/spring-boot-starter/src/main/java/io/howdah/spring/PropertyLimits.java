package io.howdah.spring;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** Limits of properties, for the start: Boot says in words which one is wrong. For the starter. */
public final class PropertyLimits {
  private PropertyLimits() {}

  /**
   * Checks a value.
   *
   * @throws InvalidConfigurationPropertyValueException when it is outside
   */
  public static <T extends Comparable<T>> void check(String property, T value, T least, T most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new InvalidConfigurationPropertyValueException(
          property, value, least + " to " + most + " expected");
    }
  }
}
