package io.howdah.preference;

import java.time.Instant;

/**
 * A preference as it is stored.
 *
 * @param key its key
 * @param json its value, as JSON
 * @param updatedAt when any preference of the same user or layer was last changed
 */
public record Preference(String key, String json, Instant updatedAt) {}
