package io.howdah.spring.cache;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.interceptor.SimpleKey;
import org.springframework.util.ReflectionUtils;

/**
 * Makes texts of Spring's keys: the same text for equal keys in each process, another one for
 * others.
 *
 * <p>A text is itself, so that SQL finds it, unless it begins with {@code ~}. What begins so has a
 * letter for its type, and several parameters have their lengths before them. Records and other
 * objects are {@link KeyJson}. What is longer than a key may be is its SHA-256.
 */
final class KeyText {
  private static final int KEY_BYTES = 1_024;
  private static final Field PARAMS = params();

  private KeyText() {}

  private static Field params() {
    Field field =
        Objects.requireNonNull(
            ReflectionUtils.findField(SimpleKey.class, "params"), "SimpleKey has no params");
    ReflectionUtils.makeAccessible(field);
    return field;
  }

  /**
   * The text of a key.
   *
   * @throws IllegalArgumentException for a key that has no order of its own, as a hash set, holds
   *     one, or cannot be JSON
   */
  static String of(Object key) {
    String text = text(key);
    return fits(text) ? text : "~h:" + hash(text);
  }

  /** What a tag has in the place of the key; empty where that is not one plain value. */
  static Optional<String> plain(Object key) {
    return key instanceof String
            || key instanceof Integer
            || key instanceof Long
            || key instanceof UUID
            || key instanceof Enum<?>
        ? Optional.of(key instanceof Enum<?> value ? value.name() : key.toString())
        : Optional.empty();
  }

  private static String text(@Nullable Object key) {
    if (key == null) {
      return "~0";
    }
    if (key instanceof String text) {
      return text.startsWith("~") ? "~s:" + text : text;
    }
    if (key instanceof Integer) {
      return "~i:" + key;
    }
    if (key instanceof Long) {
      return "~l:" + key;
    }
    if (key instanceof UUID) {
      return "~u:" + key;
    }
    if (key instanceof Enum<?> value) {
      return "~e:" + value.getDeclaringClass().getName() + ":" + value.name();
    }
    if (key instanceof SimpleKey) {
      return all('k', List.of(), (Object[]) ReflectionUtils.getField(PARAMS, key));
    }
    if (key instanceof Object[] elements) {
      return all('a', List.of(), elements);
    }
    if (key instanceof List<?> || key instanceof SortedSet<?>) {
      return all(key instanceof List<?> ? 'c' : 'o', (Collection<?>) key, null);
    }
    if (key instanceof Collection<?> || key instanceof java.util.Map<?, ?>) {
      throw new IllegalArgumentException(
          "a key of a cache: "
              + key.getClass().getName()
              + " is in no order that is the same everywhere; make a text of it, by key = \"...\"");
    }
    return "~j:" + KeyJson.of(key);
  }

  private static String all(
      char kind, Collection<?> elements, @Nullable Object @Nullable [] array) {
    StringBuilder all = new StringBuilder().append('~').append(kind).append(':');
    for (Object element : array == null ? elements.toArray() : array) {
      String text = text(element);
      all.append(text.length()).append(':').append(text);
    }
    return all.toString();
  }

  /** Whether Postgres has it as it is: not with U+0000, nor half a pair of surrogates. */
  private static boolean fits(String text) {
    if (text.isEmpty() || text.length() > KEY_BYTES || text.indexOf('\0') >= 0) {
      return false;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= KEY_BYTES && new String(bytes, StandardCharsets.UTF_8).equals(text);
  }

  private static String hash(String text) {
    // An encoder would make all halves of surrogates the same.
    ByteBuffer chars = ByteBuffer.allocate(Character.BYTES * text.length());
    chars.asCharBuffer().put(text);
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(chars.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
