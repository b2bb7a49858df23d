package io.howdah.cli.importing;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.cli.importing.Checkpoints.Checkpoint;
import io.howdah.cli.importing.Checkpoints.StoredValue;
import io.howdah.kv.KeyValueStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The namespace that is filled. */
public final class Target {
  /** Some record is at fault. */
  private static final Set<ErrorCode> REFUSALS =
      EnumSet.of(ErrorCode.INVALID_ARGUMENT, ErrorCode.OUT_OF_RANGE);

  /** It may be better in a moment, and storing the same again does no harm. */
  private static final Set<ErrorCode> PASSING =
      EnumSet.of(ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.LOCKED, ErrorCode.CONFLICT);

  private static final int ATTEMPTS = 5;

  private final KeyValueStore<String> store;
  private final @Nullable Duration ttl;

  public Target(KeyValueStore<String> store, @Nullable Duration ttl) {
    this.store = store;
    this.ttl = ttl;
  }

  String namespace() {
    return store.namespace();
  }

  /** The value of a key, as a checkpoint knows it; null when it is absent. */
  @Nullable StoredValue find(String key) {
    return store
        .getEntry(key)
        .map(entry -> new StoredValue(key, entry.createdAt().toString()))
        .orElse(null);
  }

  /** Whether the namespace still has what was there at a checkpoint. */
  public boolean has(Checkpoint checkpoint) {
    StoredValue last = checkpoint.last();
    return last == null || last.equals(find(last.key()));
  }

  /**
   * Stores records: of several with the same key the last.
   *
   * @return those that were refused; all others are stored
   */
  List<Item.Rejected> store(List<Item.Accepted> records) {
    List<Item.Rejected> refused = new ArrayList<>();
    store(records, refused);
    return refused;
  }

  private void store(List<Item.Accepted> records, List<Item.Rejected> refused) {
    if (records.isEmpty()) {
      return;
    }
    Map<String, String> values = new LinkedHashMap<>();
    records.forEach(record -> values.put(record.key(), record.json()));
    try {
      persist(values);
    } catch (HowdahException e) {
      if (!REFUSALS.contains(e.code())) {
        throw e;
      }
      if (records.size() == 1) {
        refused.add(Item.Rejected.of(records.get(0), e));
        return;
      }
      // Halves, until the records at fault stand alone.
      int middle = records.size() / 2;
      store(records.subList(0, middle), refused);
      store(records.subList(middle, records.size()), refused);
    }
  }

  private void persist(Map<String, String> values) {
    for (int attempt = 1; ; attempt++) {
      try {
        store.setAll(values, ttl);
        return;
      } catch (HowdahException e) {
        if (!PASSING.contains(e.code()) || attempt == ATTEMPTS) {
          throw e;
        }
        pause(Duration.ofMillis(250L << attempt), e);
      }
    }
  }

  private static void pause(Duration duration, HowdahException reason) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw reason;
    }
  }
}
