package io.howdah.jcache;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is done to an entry.
 *
 * @param kind what
 * @param value the new value; null but for {@link Kind#PUT}
 * @param ttl its end; that of the value which stays for {@link Kind#TOUCH}
 */
record Change<V>(Kind kind, @Nullable V value, Ttl ttl) {
  enum Kind {
    NONE,
    TOUCH,
    PUT,
    REMOVE
  }

  static <V> Change<V> none() {
    return new Change<>(Kind.NONE, null, Ttl.KEEPS);
  }

  static <V> Change<V> touch(Ttl ttl) {
    return ttl.keeps() ? none() : new Change<>(Kind.TOUCH, null, ttl);
  }

  static <V> Change<V> put(V value, Ttl ttl) {
    return new Change<>(Kind.PUT, value, ttl);
  }

  static <V> Change<V> remove() {
    return new Change<>(Kind.REMOVE, null, Ttl.KEEPS);
  }

  boolean is(Kind other) {
    return kind == other;
  }

  V put() {
    return Objects.requireNonNull(value);
  }
}
