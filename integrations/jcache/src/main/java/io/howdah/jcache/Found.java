package io.howdah.jcache;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A value that is there. It is read from its bytes when it is first asked for. */
final class Found<V> {
  private final Supplier<V> reader;
  private @Nullable V value;

  Found(Supplier<V> reader) {
    this.reader = reader;
  }

  V value() {
    V read = value;
    if (read == null) {
      read = reader.get();
      value = read;
    }
    return read;
  }
}
