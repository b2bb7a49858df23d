package io.howdah.jcache;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import javax.cache.CacheException;
import org.jspecify.annotations.Nullable;

/**
 * The text under which an entry is stored. It begins with what the key is:
 *
 * <table>
 *   <caption>kinds of keys</caption>
 *   <tr><td>{@code s:}</td><td>a string, as it is</td></tr>
 *   <tr><td>{@code i:}, {@code l:}</td><td>an int, a long</td></tr>
 *   <tr><td>{@code u:}</td><td>a UUID</td></tr>
 *   <tr><td>{@code c:}</td><td>a string that Postgres cannot store: its UTF-16 in base64</td></tr>
 *   <tr><td>{@code o:}</td><td>anything else, by the serializer, in base64</td></tr>
 *   <tr><td>{@code #:}</td><td>one that would be longer than 1,024 bytes: its SHA-256; the text
 *       itself is stored with the value</td></tr>
 * </table>
 */
final class KeyTexts<K> {
  private static final int LONGEST = 1_024;
  private static final String FOREIGN = "the cache holds a key that JCache has not written";

  private final Serializer serializer;
  private final Class<K> type;

  KeyTexts(Serializer serializer, Class<K> type) {
    this.serializer = serializer;
    this.type = type;
  }

  /**
   * A key as it is stored.
   *
   * @param text what the entry is stored under
   * @param longText the whole text where that is a hash, or else null
   */
  record KeyText(String text, @Nullable String longText) {}

  KeyText of(K key) {
    String text = text(key);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= LONGEST
        ? new KeyText(text, null)
        : new KeyText("#:" + HexFormat.of().formatHex(sha256(bytes)), text);
  }

  private String text(K key) {
    if (key instanceof String string) {
      return isStorable(string) ? "s:" + string : "c:" + utf16InBase64(string);
    }
    if (key instanceof Integer) {
      return "i:" + key;
    }
    if (key instanceof Long) {
      return "l:" + key;
    }
    if (key instanceof UUID) {
      return "u:" + key;
    }
    return "o:" + Base64.getUrlEncoder().withoutPadding().encodeToString(serializer.write(key));
  }

  /** Java writes half of a surrogate pair as "?" in any encoding, so its chars go one by one. */
  private static String utf16InBase64(String string) {
    byte[] chars = new byte[string.length() * 2];
    for (int i = 0; i < string.length(); i++) {
      chars[2 * i] = (byte) (string.charAt(i) >> 8);
      chars[2 * i + 1] = (byte) string.charAt(i);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(chars);
  }

  private static boolean isStorable(String string) {
    return string.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(string);
  }

  /**
   * The key of an entry as it is stored.
   *
   * @throws CacheException when no cache of this type has written it
   */
  K key(String stored, @Nullable String longText) {
    String text = stored.startsWith("#:") ? longText : stored;
    if (text == null) {
      throw new CacheException(FOREIGN);
    }
    Object key;
    try {
      key = parse(text);
    } catch (IllegalArgumentException e) {
      throw new CacheException(FOREIGN, e);
    }
    if (!type.isInstance(key)) {
      throw new CacheException(
          "the cache holds a key of type "
              + key.getClass().getName()
              + ", and is configured with "
              + type.getName());
    }
    return type.cast(key);
  }

  private Object parse(String text) {
    String rest = text.length() < 2 ? "" : text.substring(2);
    return switch (text.isEmpty() ? ' ' : text.charAt(0)) {
      case 's' -> rest;
      case 'c' -> utf16(Base64.getUrlDecoder().decode(rest));
      case 'i' -> Integer.valueOf(rest);
      case 'l' -> Long.valueOf(rest);
      case 'u' -> UUID.fromString(rest);
      case 'o' -> serializer.read(Base64.getUrlDecoder().decode(rest), type);
      default -> throw new CacheException(FOREIGN);
    };
  }

  private static String utf16(byte[] bytes) {
    char[] chars = new char[bytes.length / 2];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = (char) ((bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff));
    }
    return new String(chars);
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
