package io.howdah.preference;

import java.util.Optional;

/**
 * A preference as it holds for a user.
 *
 * @param value what it is
 * @param origin where it comes from
 * @param group the group that has it; empty when none has
 */
public record PreferenceValue<V>(V value, PreferenceOrigin origin, Optional<String> group) {}
