package io.howdah.bench.churn;

import io.howdah.Howdah;
import io.howdah.bench.kv.JsonValues;
import io.howdah.bench.measure.PacedLoad;
import io.howdah.kv.KeyValueStore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one thread. New values push the oldest ones out of a ring of those that it goes on
 * reading, overwriting and refreshing; what is pushed out ends by itself. Nobody else writes its
 * keys, so it knows of each one what it must be, and from when to when it must be there.
 */
final class ChurnCaller implements PacedLoad.Caller {

  static final int GET_PERCENT = 50;
  static final int NEW_PERCENT = 20;
  static final int OVERWRITE_PERCENT = 10;
  static final int REFRESH_PERCENT = 10;
  static final int COUNTERS = 100;

  private static final int KEYS_PER_CALL = 200;

  /** None is left alone for so long that it ends. */
  private static final Duration COUNTER_TTL = Duration.ofHours(1);

  private static final int KEY_LENGTH = 15;

  /** Postgres's clock may be adjusted while it runs; ours is not. */
  private static final long SLACK_NANOS = 500_000_000;

  private final int thread;
  private final KeyValueStore<String> store;
  private final Duration ttl;
  private final JsonValues values;
  private final SplittableRandom random;
  private final long[] counted = new long[COUNTERS];

  private final long[] numbers;
  private final int[] revisions;
  private final long[] aliveUntil;
  private final long[] deadAfter;

  /** A write of this key failed: it may have happened or not. */
  private final boolean[] unknown;

  private int oldest;
  private long nextNumber;

  ChurnCaller(int thread, KeyValueStore<String> store, ChurnSettings settings) {
    this.thread = thread;
    this.store = store;
    this.ttl = settings.ttl();
    values = new JsonValues(KEY_LENGTH, settings.valueBytes());
    random = new SplittableRandom(thread);
    int keys = settings.keysPerThread();
    numbers = new long[keys];
    revisions = new int[keys];
    aliveUntil = new long[keys];
    deadAfter = new long[keys];
    unknown = new boolean[keys];
  }

  /** Fills the ring as it would be after a while: the time that its values still have differs. */
  void load() {
    for (int from = 0; from < numbers.length; from += KEYS_PER_CALL) {
      int to = Math.min(from + KEYS_PER_CALL, numbers.length);
      Duration left = Duration.ofMillis(Math.max(1, ttl.toMillis() * to / numbers.length));
      Map<String, String> loaded = new LinkedHashMap<>();
      for (int slot = from; slot < to; slot++) {
        numbers[slot] = nextNumber++;
        loaded.put(key(slot), values.of(key(slot), 0));
      }
      long before = System.nanoTime();
      store.setAll(loaded, left);
      long after = System.nanoTime();
      for (int slot = from; slot < to; slot++) {
        written(slot, before, after, left);
      }
    }
  }

  @Override
  public void call(PacedLoad load, boolean atFullSpeed) {
    int dice = random.nextInt(100);
    int slot = random.nextInt(numbers.length);
    if (dice < GET_PERCENT) {
      get(load, slot);
    } else if (dice < GET_PERCENT + NEW_PERCENT) {
      // At full speed there would be many times as many values soon, which is another load.
      if (atFullSpeed) {
        overwrite(slot);
      } else {
        add();
      }
    } else if (dice < GET_PERCENT + NEW_PERCENT + OVERWRITE_PERCENT) {
      overwrite(slot);
    } else if (dice < GET_PERCENT + NEW_PERCENT + OVERWRITE_PERCENT + REFRESH_PERCENT) {
      refresh(load, slot);
    } else {
      count(load, random.nextInt(COUNTERS));
    }
  }

  private void get(PacedLoad load, int slot) {
    long before = System.nanoTime();
    String value = store.get(key(slot)).orElse(null);
    checkPresence(load, slot, value != null, before, System.nanoTime());
    checkValue(load, slot, value);
  }

  private void checkValue(PacedLoad load, int slot, @Nullable String value) {
    if (value != null && !unknown[slot] && !value.equals(values.of(key(slot), revisions[slot]))) {
      load.wrong("another value for " + key(slot) + ": " + value);
    }
  }

  /** The answer was true at some moment between the two. */
  private void checkPresence(PacedLoad load, int slot, boolean present, long before, long after) {
    if (unknown[slot]) {
      return;
    }
    if (!present && after - aliveUntil[slot] < 0) {
      load.wrong("no value for " + key(slot) + ", which has not ended");
    } else if (present && before - deadAfter[slot] > 0) {
      load.wrong("a value for " + key(slot) + ", which has ended");
    }
  }

  private void add() {
    int slot = oldest;
    oldest = (oldest + 1) % numbers.length;
    numbers[slot] = nextNumber++;
    set(slot, 0);
  }

  private void overwrite(int slot) {
    set(slot, (revisions[slot] + 1) % JsonValues.REVISIONS);
  }

  private void set(int slot, int revision) {
    unknown[slot] = true;
    long before = System.nanoTime();
    long version = store.set(key(slot), values.of(key(slot), revision), ttl);
    if (version > 0) {
      revisions[slot] = revision;
      written(slot, before, System.nanoTime(), ttl);
    }
  }

  private void refresh(PacedLoad load, int slot) {
    boolean wasUnknown = unknown[slot];
    unknown[slot] = true;
    long before = System.nanoTime();
    boolean refreshed = store.expire(key(slot), ttl);
    long after = System.nanoTime();
    unknown[slot] = wasUnknown;
    checkPresence(load, slot, refreshed, before, after);
    if (refreshed && !wasUnknown) {
      written(slot, before, after, ttl);
    }
  }

  /** Each thread sees a counter only grow. */
  private void count(PacedLoad load, int counter) {
    long value = store.increment("counter-" + counter, 1, COUNTER_TTL);
    if (value <= counted[counter]) {
      load.wrong("counter " + counter + " went from " + counted[counter] + " to " + value);
    }
    counted[counter] = value;
  }

  private void written(int slot, long before, long after, Duration left) {
    aliveUntil[slot] = before + left.toNanos() - SLACK_NANOS;
    deadAfter[slot] = after + left.toNanos() + SLACK_NANOS;
    unknown[slot] = false;
  }

  /** Reads all that must be there; how many that were. Only when nobody calls any more. */
  long checkAll(PacedLoad load) {
    long checked = 0;
    for (int from = 0; from < numbers.length; from += KEYS_PER_CALL) {
      int to = Math.min(from + KEYS_PER_CALL, numbers.length);
      Map<String, Integer> slots = new LinkedHashMap<>();
      for (int slot = from; slot < to; slot++) {
        slots.put(key(slot), slot);
      }
      long before = System.nanoTime();
      Map<String, String> found = store.getAll(slots.keySet());
      long after = System.nanoTime();
      for (Map.Entry<String, Integer> each : slots.entrySet()) {
        int slot = each.getValue();
        String value = found.get(each.getKey());
        checkPresence(load, slot, value != null, before, after);
        checkValue(load, slot, value);
        if (value != null) {
          checked++;
        }
      }
    }
    return checked;
  }

  private String key(int slot) {
    return String.format(Locale.ROOT, "t%03d-%010d", thread, numbers[slot]);
  }

  /** The namespace of a level. */
  static KeyValueStore<String> store(Howdah howdah, io.howdah.bench.measure.Durability level) {
    String name = "churn-" + level.name().toLowerCase(Locale.ROOT);
    howdah.namespaces().create(name, io.howdah.Durability.valueOf(level.name()));
    return howdah.kv(name, io.howdah.Codec.rawJson());
  }
}
