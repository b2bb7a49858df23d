package io.howdah.preference;

import io.howdah.preference.PreferenceOperation.Layered;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What held for a user at one moment: his own preferences, over those of his groups, over those of
 * the system, over the defaults in the code. Immutable, read with one statement.
 */
public final class EffectivePreferences {
  private final PreferenceShape shape;
  private final Map<String, Layered> byKey;

  EffectivePreferences(PreferenceShape shape, List<Layered> rows) {
    this.shape = shape;
    Map<String, Layered> ordered = new LinkedHashMap<>();
    rows.forEach(row -> ordered.put(row.key(), row));
    this.byKey = Collections.unmodifiableMap(ordered);
  }

  /**
   * The value of a key, and where it comes from. One that is no value of the key's type counts as
   * the default, with {@link PreferenceOrigin#UNREADABLE}: layers below it are not asked.
   */
  public <V> PreferenceValue<V> get(PreferenceKey<V> key) {
    return shape.value(key, byKey.get(key.name()));
  }

  /** {@link #get} without where it comes from. */
  public <V> V value(PreferenceKey<V> key) {
    return get(key).value();
  }

  /** All that some layer has, as JSON, in the order of the keys. */
  public Map<String, PreferenceValue<String>> asJson() {
    Map<String, PreferenceValue<String>> all = new LinkedHashMap<>();
    byKey.forEach(
        (key, row) -> all.put(key, new PreferenceValue<>(row.json(), row.origin(), row.group())));
    return Collections.unmodifiableMap(all);
  }
}
