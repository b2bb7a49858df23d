package io.howdah.spring;

import io.howdah.Howdah;

/**
 * Changes how the Howdah of the application is opened. Beans of this type are called in their order
 * ({@code @Order}), after the properties have been applied: the last one counts.
 */
@FunctionalInterface
public interface HowdahCustomizer {
  void customize(Howdah.Builder builder);
}
