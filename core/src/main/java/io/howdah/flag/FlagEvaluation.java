package io.howdah.flag;

import org.jspecify.annotations.Nullable;

/**
 * What a flag is for a subject, and why.
 *
 * @param value the value of the variant, or the caller's default where there is none
 * @param variant the name of the variant; null where the caller's default counts
 * @param reason why, by OpenFeature's names
 * @param rule the rule that decided
 * @param isOn whether the flag is on: of boolean values, whether it is true
 * @param <V> the kind of value
 */
public record FlagEvaluation<V extends @Nullable Object>(
    V value, @Nullable String variant, FlagReason reason, FlagRule rule, boolean isOn) {

  /** The rule in words. */
  public String details() {
    return rule.details();
  }

  /** Where the caller's default counts. */
  static <V extends @Nullable Object> FlagEvaluation<V> otherwise(V value, FlagRule rule) {
    return new FlagEvaluation<>(value, null, rule.reason(), rule, false);
  }
}
