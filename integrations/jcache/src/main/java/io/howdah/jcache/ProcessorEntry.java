package io.howdah.jcache;

import java.util.Objects;
import java.util.function.Function;
import javax.cache.processor.MutableEntry;
import org.jspecify.annotations.Nullable;

/** The entry that a processor works on. What it does is written down, and done at its end. */
final class ProcessorEntry<K, V> implements MutableEntry<K, V> {
  private enum Did {
    NOTHING,
    READ,
    LOADED,
    CREATED,
    UPDATED,
    REMOVED
  }

  private final K key;
  private final @Nullable Found<V> before;
  private final Function<K, @Nullable V> loader;
  private Did did = Did.NOTHING;
  private @Nullable V value;

  /**
   * @param loader gives null when there is nothing to load, or nobody who loads
   */
  ProcessorEntry(K key, @Nullable Found<V> before, Function<K, @Nullable V> loader) {
    this.key = key;
    this.before = before;
    this.loader = loader;
  }

  @Override
  public K getKey() {
    return key;
  }

  @Override
  public boolean exists() {
    return switch (did) {
      case NOTHING, READ -> before != null;
      case LOADED, CREATED, UPDATED -> true;
      case REMOVED -> false;
    };
  }

  @Override
  @SuppressWarnings("NullAway") // null when there is none, as the interface says
  public V getValue() {
    switch (did) {
      case LOADED, CREATED, UPDATED -> {
        return value;
      }
      case REMOVED -> {
        return null;
      }
      case NOTHING, READ -> {}
    }
    if (before != null) {
      did = Did.READ;
      return before.value();
    }
    value = loader.apply(key);
    if (value != null) {
      did = Did.LOADED;
    }
    return value;
  }

  @Override
  public void setValue(V newValue) {
    value = Objects.requireNonNull(newValue, "value");
    did = before == null ? Did.CREATED : Did.UPDATED;
  }

  @Override
  public void remove() {
    value = null;
    // what nobody else has seen was not there
    did = did == Did.CREATED || did == Did.LOADED ? Did.NOTHING : Did.REMOVED;
  }

  @Override
  public <T> T unwrap(Class<T> type) {
    return Unwrap.as(this, type);
  }

  /** Whether the outer store is to be told of it: what was loaded comes from there. */
  boolean isToBeWritten() {
    return did == Did.CREATED || did == Did.UPDATED || did == Did.REMOVED;
  }

  Change<V> change(Expiry expiry) {
    return switch (did) {
      case NOTHING -> Change.none();
      case READ -> Change.touch(expiry.ofAccess());
      case LOADED, CREATED -> Change.put(Objects.requireNonNull(value), expiry.ofCreation());
      case UPDATED -> Change.put(Objects.requireNonNull(value), expiry.ofUpdate());
      case REMOVED -> Change.remove();
    };
  }
}
