package io.howdah.jcache;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.cache.Cache;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.event.CacheEntryListenerException;
import javax.cache.event.EventType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of a cache in this process. They hear of what this process does, after it has been
 * committed: synchronous ones on the thread that does it, the others on an executor, one event
 * after the other.
 *
 * <p>While there are listeners, changes of this process to one key wait for each other, so that its
 * events come in the order of the changes.
 */
final class Listeners<K, V> {
  private static final Logger log = LoggerFactory.getLogger(Listeners.class);
  private static final int STRIPES = 64;

  private final Cache<K, V> cache;
  private final Executor later;
  private final List<Registration<K, V>> all = new CopyOnWriteArrayList<>();
  private final List<ReentrantLock> stripes =
      IntStream.range(0, STRIPES).mapToObj(i -> new ReentrantLock()).toList();

  /**
   * @param later runs one task after the other
   */
  Listeners(Cache<K, V> cache, Executor later) {
    this.cache = cache;
    this.later = later;
  }

  void add(CacheEntryListenerConfiguration<K, V> configuration) {
    all.add(new Registration<>(configuration));
  }

  void remove(CacheEntryListenerConfiguration<K, V> configuration) {
    List<Registration<K, V>> gone =
        all.stream().filter(each -> each.configuration().equals(configuration)).toList();
    all.removeAll(gone);
    gone.forEach(Registration::close);
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  boolean hearOf(EventType type) {
    return all.stream().anyMatch(each -> each.hearsOf(type));
  }

  boolean needOldValues(EventType type) {
    return all.stream().anyMatch(each -> each.needsOldValue() && each.hearsOf(type));
  }

  void close() {
    all.forEach(Registration::close);
    all.clear();
  }

  /** Runs a change of keys, and the telling of it, in the order of other changes to them. */
  <R> R inOrder(Collection<? extends K> keys, Supplier<R> change) {
    if (all.isEmpty()) {
      return change.get();
    }
    TreeSet<Integer> wanted = new TreeSet<>();
    keys.forEach(key -> wanted.add(Math.floorMod(key.hashCode(), STRIPES)));
    List<ReentrantLock> locks = wanted.stream().map(stripes::get).toList();
    locks.forEach(ReentrantLock::lock);
    try {
      return change.get();
    } finally {
      locks.forEach(ReentrantLock::unlock);
    }
  }

  /**
   * Tells of what has been done to an entry.
   *
   * @throws CacheEntryListenerException when a synchronous listener fails; the others are told
   */
  void tell(K key, Done<V> done) {
    if (all.isEmpty()) {
      return;
    }
    EventType type = typeOf(done);
    if (type != null) {
      tell(type, key, done.change().value(), done.before());
    }
  }

  private static @Nullable EventType typeOf(Done<?> done) {
    if (done.hasEnded()) {
      return EventType.EXPIRED;
    }
    if (done.hasPut()) {
      return done.wasThere() ? EventType.UPDATED : EventType.CREATED;
    }
    return done.hasRemoved() ? EventType.REMOVED : null;
  }

  /**
   * Tells of a change.
   *
   * @param value the new value
   * @param before the old one
   */
  void tell(EventType type, K key, @Nullable V value, @Nullable Found<V> before) {
    CacheEntryListenerException failure = null;
    for (Registration<K, V> each : all) {
      if (!each.hearsOf(type)) {
        continue;
      }
      V old = each.needsOldValue() && before != null ? before.value() : null;
      boolean isGone = type == EventType.REMOVED || type == EventType.EXPIRED;
      Event<K, V> event = new Event<>(cache, type, key, isGone ? old : value, old);
      if (each.isSynchronous()) {
        try {
          each.tell(event);
        } catch (CacheEntryListenerException e) {
          if (failure == null) {
            failure = e;
          } else {
            failure.addSuppressed(e);
          }
        }
      } else {
        later.execute(() -> tellLater(each, event));
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void tellLater(Registration<K, V> registration, Event<K, V> event) {
    try {
      registration.tell(event);
    } catch (CacheEntryListenerException e) {
      log.warn("a listener of the cache '{}' failed", cache.getName(), e);
    }
  }
}
