package io.howdah.jcache;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What has been done to an entry.
 *
 * @param before what was there, or null
 * @param change what was done
 */
record Done<V>(@Nullable Found<V> before, Change<V> change) {
  /** What is to be done about what is there; null when nothing is. */
  interface Decision<V> extends Function<@Nullable Found<V>, Change<V>> {}

  boolean wasThere() {
    return before != null;
  }

  @Nullable V oldValue() {
    return before == null ? null : before.value();
  }

  /** Whether a value has been put; one whose end has come at its creation has not. */
  boolean hasPut() {
    return change.is(Change.Kind.PUT) && (wasThere() || !change.ttl().ends());
  }

  boolean hasRemoved() {
    return change.is(Change.Kind.REMOVE) && wasThere();
  }

  /** Whether what was there has come to its end by this. */
  boolean hasEnded() {
    return wasThere()
        && change.ttl().ends()
        && (change.is(Change.Kind.PUT) || change.is(Change.Kind.TOUCH));
  }
}
