package io.howdah.jcache;

import java.util.concurrent.atomic.AtomicReference;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorException;
import org.jspecify.annotations.Nullable;

/** Runs entry processors, each once, while nobody else can change its entry. */
final class Processors<K, V> {
  private final OuterStore<K, V> outer;
  private final Expiry expiry;
  private final Changes<K, V> changes;
  private final Statistics statistics;

  Processors(OuterStore<K, V> outer, Expiry expiry, Changes<K, V> changes, Statistics statistics) {
    this.outer = outer;
    this.expiry = expiry;
    this.changes = changes;
    this.statistics = statistics;
  }

  <T> @Nullable T invoke(K key, EntryProcessor<K, V, T> processor, Object... arguments) {
    long began = System.nanoTime();
    AtomicReference<@Nullable T> result = new AtomicReference<>();
    Done<V> done =
        changes.decidedOnce(
            key,
            before -> {
              statistics.found(before != null);
              ProcessorEntry<K, V> entry =
                  new ProcessorEntry<>(
                      key, before, k -> outer.readsThrough() ? outer.load(k) : null);
              result.set(process(processor, entry, arguments));
              Change<V> change = entry.change(expiry);
              if (entry.isToBeWritten()) {
                if (change.is(Change.Kind.REMOVE)) {
                  outer.delete(key);
                } else {
                  outer.write(key, change.put());
                }
              }
              return change;
            });
    statistics.done(done);
    statistics.tookGet(began);
    if (done.hasPut()) {
      statistics.tookPut(began);
    }
    if (done.hasRemoved()) {
      statistics.tookRemove(began);
    }
    return result.get();
  }

  private <T> @Nullable T process(
      EntryProcessor<K, V, T> processor, ProcessorEntry<K, V> entry, Object... arguments) {
    try {
      return processor.process(entry, arguments);
    } catch (EntryProcessorException e) {
      throw e;
    } catch (Exception | LinkageError e) {
      throw new EntryProcessorException("the entry processor failed: " + e.getMessage(), e);
    }
  }
}
