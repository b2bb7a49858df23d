package io.howdah.jcache;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.cache.integration.CacheWriterException;
import org.jspecify.annotations.Nullable;

/** Changes entries of a cache, and tells those who want to know. */
final class Changes<K, V> {
  private final EntryStore<K, V> store;
  private final OuterStore<K, V> outer;
  private final Expiry expiry;
  private final Listeners<K, V> listeners;
  private final ExpiryWatch<K, V> watch;
  private final Statistics statistics;

  Changes(
      EntryStore<K, V> store,
      OuterStore<K, V> outer,
      Expiry expiry,
      Listeners<K, V> listeners,
      ExpiryWatch<K, V> watch,
      Statistics statistics) {
    this.store = store;
    this.outer = outer;
    this.expiry = expiry;
    this.listeners = listeners;
    this.watch = watch;
    this.statistics = statistics;
  }

  /** Whether somebody is told of changes, or asked, so that what was there has to be known. */
  boolean areWatched() {
    return !listeners.isEmpty() || outer.writesThrough();
  }

  Change<V> put(@Nullable Found<V> before, V value) {
    return Change.put(value, before == null ? expiry.ofCreation() : expiry.ofUpdate());
  }

  Change<V> putIfAbsent(@Nullable Found<V> before, V value) {
    return before == null ? Change.put(value, expiry.ofCreation()) : Change.none();
  }

  /** Changes an entry. The decision may be made again, so that it must have no effects. */
  Done<V> decided(K key, Done.Decision<V> decision) {
    return told(key, () -> store.change(key, decision));
  }

  /** Changes an entry. The decision is made once, while nobody else can change the entry. */
  Done<V> decidedOnce(K key, Done.Decision<V> decision) {
    return told(key, () -> store.lockAndChange(key, decision));
  }

  /** Changes an entry by a decision that writes through, where the cache does that. */
  Done<V> written(K key, Done.Decision<V> decision) {
    return outer.writesThrough() ? decidedOnce(key, decision) : decided(key, decision);
  }

  private Done<V> told(K key, Supplier<Done<V>> change) {
    return listeners.inOrder(
        List.of(key),
        () -> {
          Done<V> done = change.get();
          tell(key, done);
          return done;
        });
  }

  private void tell(K key, Done<V> done) {
    watch.changed(key, done);
    listeners.tell(key, done);
  }

  /** What is to be done about one of several entries; {@code before} is null for none. */
  interface EachDecision<K, V> {
    Change<V> decide(K key, @Nullable Found<V> before);
  }

  /** Changes entries after the writer has written them together; those that it could not, stay. */
  void writtenTogether(
      Collection<? extends K> keys,
      Supplier<OuterStore.Written<K>> writing,
      EachDecision<K, V> each) {
    AtomicReference<@Nullable CacheWriterException> failure = new AtomicReference<>();
    Map<K, Done<V>> done =
        listeners.inOrder(
            keys,
            () -> {
              Map<K, Done<V>> all =
                  store.lockAndChangeAll(
                      keys,
                      locked -> {
                        OuterStore.Written<K> written = writing.get();
                        failure.set(written.failure());
                        Map<K, Change<V>> changes = new LinkedHashMap<>();
                        locked.forEach((key, before) -> {
                          if (!written.failed().contains(key)) {
                            changes.put(key, each.decide(key, before.orElse(null)));
                          }
                        });
                        return changes;
                      });
              all.forEach(this::tell);
              return all;
            });
    done.values().forEach(statistics::done);
    CacheWriterException thrown = failure.get();
    if (thrown != null) {
      throw thrown;
    }
  }
}
