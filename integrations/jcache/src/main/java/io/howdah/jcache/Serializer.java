package io.howdah.jcache;

/**
 * Makes bytes of keys and values, and back. Implementations are thread-safe, and have a public
 * constructor without parameters where they are named by their class.
 *
 * <p>Keys that are equal have to become equal bytes: it is the bytes that are compared. Strings,
 * ints, longs and UUIDs as keys do not come here.
 */
public interface Serializer {
  /**
   * The bytes of a key or value.
   *
   * @throws javax.cache.CacheException when it cannot be written
   */
  byte[] write(Object value);

  /**
   * The key or value of such bytes.
   *
   * @param type what the cache is configured to hold; {@code Object} where that was not said
   * @throws javax.cache.CacheException when they cannot be read
   */
  Object read(byte[] bytes, Class<?> type);
}
