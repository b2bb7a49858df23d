package io.howdah.jcache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.howdah.HowdahException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.cache.CacheException;
import javax.cache.event.CacheEntryListenerException;
import javax.cache.event.EventType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the listeners of this process when an entry has ended by itself. In the database that is
 * nobody's doing: the entry is not there any more. So this process remembers the ends of what it
 * has put or prolonged while somebody wants to hear of them, and looks then.
 *
 * <p>It remembers 100,000 entries of a cache at most. An entry that another process has removed is
 * told of as one that has ended.
 */
final class ExpiryWatch<K, V> {
  private static final Logger log = LoggerFactory.getLogger(ExpiryWatch.class);
  private static final int MOST = 100_000;

  /**
   * An entry whose end is awaited.
   *
   * @param value its value, where a listener wants it
   * @param end by {@link System#nanoTime}; not before that of Postgres
   */
  private record Awaited<V>(@Nullable Found<V> value, long end) {}

  private final EntryStore<K, V> store;
  private final Listeners<K, V> listeners;
  private final Cache<K, Awaited<V>> awaited;

  ExpiryWatch(EntryStore<K, V> store, Listeners<K, V> listeners, Executor executor) {
    this.store = store;
    this.listeners = listeners;
    this.awaited =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfter(
                Expiry.<K, Awaited<V>>writing(
                    (key, entry) -> Duration.ofNanos(Math.max(0, entry.end() - System.nanoTime()))))
            .scheduler(Scheduler.systemScheduler())
            .executor(executor)
            .removalListener(this::removed)
            .build();
  }

  private boolean isWanted() {
    return listeners.hearOf(EventType.EXPIRED);
  }

  /** An entry has been changed; called in the order of the changes to it, before it is told. */
  void changed(K key, Done<V> done) {
    if (!isWanted()) {
      return;
    }
    Change<V> change = done.change();
    switch (change.kind()) {
      case NONE -> {}
      case TOUCH -> touched(key, change.ttl());
      case REMOVE -> awaited.asMap().remove(key);
      case PUT -> {
        Awaited<V> before = awaited.asMap().remove(key);
        if (before != null && !done.wasThere()) {
          listeners.tell(EventType.EXPIRED, key, null, before.value());
        }
        Duration ttl = change.ttl().duration();
        if (ttl != null) {
          await(key, new Awaited<>(copy(change.put()), endAfter(ttl)));
        } else if (change.ttl().keeps() && before != null && done.wasThere()) {
          await(key, new Awaited<>(copy(change.put()), before.end()));
        }
      }
    }
  }

  /** The end of an entry has been changed. */
  void touched(K key, Ttl ttl) {
    if (!isWanted() || ttl.keeps()) {
      return;
    }
    Awaited<V> before = awaited.asMap().remove(key);
    Duration duration = ttl.duration();
    if (before != null && duration != null) {
      await(key, new Awaited<>(before.value(), endAfter(duration)));
    }
  }

  void clear() {
    awaited.invalidateAll();
  }

  private void await(K key, Awaited<V> entry) {
    awaited.put(key, entry);
  }

  private static long endAfter(Duration ttl) {
    return System.nanoTime() + ttl.toNanos();
  }

  private @Nullable Found<V> copy(V value) {
    return listeners.needOldValues(EventType.EXPIRED) ? store.copy(value) : null;
  }

  private void removed(@Nullable K key, @Nullable Awaited<V> entry, RemovalCause cause) {
    if (cause != RemovalCause.EXPIRED || key == null || entry == null) {
      return;
    }
    try {
      var unused =
          listeners.inOrder(
              List.of(key),
              () -> {
                ended(key, entry);
                return true;
              });
    } catch (CacheEntryListenerException e) {
      log.warn("a listener failed", e);
    } catch (CacheException | HowdahException e) {
      log.warn("cannot say whether an entry of a cache has expired", e);
    }
  }

  private void ended(K key, Awaited<V> entry) {
    // It may have been put anew meanwhile, or been prolonged by another process.
    if (awaited.getIfPresent(key) != null) {
      return;
    }
    if (!store.contains(key)) {
      listeners.tell(EventType.EXPIRED, key, null, entry.value());
      return;
    }
    Optional<Duration> left = store.timeToLive(key);
    left.ifPresent(ttl -> await(key, new Awaited<>(entry.value(), endAfter(ttl))));
  }
}
