package io.howdah.spring.cache;

import io.howdah.Codec;
import io.howdah.spring.json.TypedJson;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cache.support.NullValue;

/**
 * Values of any class, as bytes of JSON: jsonb would forget the order of maps, and refuse texts
 * with U+0000. What cannot be read is said once, and is a value that {@link #isReadable} tells.
 */
final class ValueCodec implements Codec<Object> {
  /** In the place of a value that is there and cannot be read. */
  private static final Object UNREADABLE = new Object();

  /** Whether a value is one, and could be read. */
  @SuppressWarnings("ReferenceEquality") // there is one such object
  static boolean isReadable(Object value) {
    return value != UNREADABLE;
  }

  private static final Logger LOG = LoggerFactory.getLogger(ValueCodec.class);
  private static final int MOST_SAID = 1_000;

  private final String cache;
  private final TypedJson json;
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  ValueCodec(String cache, TypedJson json) {
    this.cache = cache;
    this.json = json;
  }

  @Override
  public Encoded encode(Object value) {
    String text = value instanceof NullValue ? "null" : json.write(value);
    return Encoded.bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Object decode(Encoded stored) {
    // Somebody may have put JSON there by SQL.
    byte[] bytes = stored.bytes();
    String text =
        bytes == null
            ? Objects.requireNonNull(stored.json())
            : new String(bytes, StandardCharsets.UTF_8);
    try {
      Object value = json.read(text);
      return value == null ? NullValue.INSTANCE : value;
    } catch (RuntimeException e) {
      String kind = e.getClass().getName();
      if (said.size() < MOST_SAID && said.add(kind)) {
        LOG.warn(
            "cache {}: a value cannot be read ({}), and counts as a miss; said once for each kind of failure",
            cache,
            e instanceof tools.jackson.core.JacksonException jackson
                ? jackson.getOriginalMessage()
                : kind);
      }
      return UNREADABLE;
    }
  }

  @Override
  public Kind kind() {
    return Kind.EITHER;
  }
}
