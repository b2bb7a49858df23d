package io.howdah.preference;

import io.howdah.Arguments;
import io.howdah.Codec;
import io.howdah.InvalidArgumentException;
import io.howdah.TypeRef;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * The key of a preference, with the type of its values and what holds where nobody has set it.
 * Immutable; make one constant for each.
 *
 * <pre>{@code
 * static final PreferenceKey<Theme> THEME = PreferenceKey.of("theme", Theme.class, Theme.LIGHT);
 * }</pre>
 *
 * @param <V> the type of the values
 */
public final class PreferenceKey<V> {
  private static final int NAME_BYTES = 256;

  private final String name;
  private final @Nullable Type type;
  private final @Nullable Codec<V> codec;
  private final V defaultValue;

  private PreferenceKey(
      String name, @Nullable Type type, @Nullable Codec<V> codec, V defaultValue) {
    this.name = Arguments.text("key", name, NAME_BYTES);
    this.type = type;
    this.codec = codec;
    this.defaultValue = defaultValue;
  }

  /**
   * A key whose values Jackson makes JSON of.
   *
   * @param name 1 to 256 bytes
   * @throws InvalidArgumentException when the name is longer or empty
   */
  public static <V> PreferenceKey<V> of(String name, Class<V> type, V defaultValue) {
    return new PreferenceKey<>(name, type, null, defaultValue);
  }

  /** {@link #of(String, Class, Object)} of a generic type. */
  public static <V> PreferenceKey<V> of(String name, TypeRef<V> type, V defaultValue) {
    return new PreferenceKey<>(name, type.type(), null, defaultValue);
  }

  /**
   * {@link #of(String, Class, Object)} by a codec of your own.
   *
   * @throws InvalidArgumentException when the codec makes no JSON
   */
  public static <V> PreferenceKey<V> of(String name, Codec<V> codec, V defaultValue) {
    if (codec.kind() != Codec.Kind.JSON) {
      throw new InvalidArgumentException(
          "codec", "codec: one that makes JSON expected, got " + codec.kind());
    }
    return new PreferenceKey<>(name, null, codec, defaultValue);
  }

  /** A key whose values are JSON texts as Postgres writes them; {@code null} is the default. */
  public static PreferenceKey<String> json(String name) {
    return of(name, Codec.rawJson(), "null");
  }

  /** The key as it is stored. */
  public String name() {
    return name;
  }

  /** What holds where no layer has a value. */
  public V defaultValue() {
    return defaultValue;
  }

  @Nullable Type type() {
    return type;
  }

  @Nullable Codec<V> codec() {
    return codec;
  }

  @Override
  public String toString() {
    return name;
  }
}
