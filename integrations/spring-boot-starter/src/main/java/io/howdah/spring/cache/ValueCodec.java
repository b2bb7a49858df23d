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
    byte[] bytes = stored.bytes();
    try {
      // Somebody may have put JSON there by SQL.
      Object value =
          bytes == null ? json.read(Objects.requireNonNull(stored.json())) : json.read(bytes);
      return value == null ? NullValue.INSTANCE : value;
    } catch (RuntimeException | LinkageError e) {
      String why = TypedJson.said(e);
      if (said.size() < MOST_SAID && said.add(why)) {
        LOG.warn(
            "cache {}: a value cannot be read, and counts as a miss: {}; said once for each reason",
            cache,
            why);
      }
      return UNREADABLE;
    }
  }

  @Override
  public Kind kind() {
    return Kind.EITHER;
  }
}
