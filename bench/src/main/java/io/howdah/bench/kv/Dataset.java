package io.howdah.bench.kv;

import java.util.ArrayList;
import java.util.List;

/** A fixed number of keys, and values for each of them. */
public final class Dataset {

  /** The smallest value that holds a key and a revision. */
  public static final int MIN_VALUE_BYTES = JsonValues.MIN_VALUE_BYTES;

  /** How many values there are for each key. */
  public static final int REVISIONS = JsonValues.REVISIONS;

  private final String[] keys;
  private final JsonValues values;

  /**
   * @param keys how many keys there are
   * @param valueBytes the length of each value, at least {@link #MIN_VALUE_BYTES}
   */
  public Dataset(int keys, int valueBytes) {
    if (keys < 1) {
      throw new IllegalArgumentException("keys must be at least 1, was " + keys);
    }
    this.keys = new String[keys];
    for (int i = 0; i < keys; i++) {
      this.keys[i] = "key:" + String.format("%010d", i);
    }
    values = new JsonValues(this.keys[0].length(), valueBytes);
  }

  /** How many keys there are. */
  public int size() {
    return keys.length;
  }

  /** A key. */
  public String key(int index) {
    return keys[index];
  }

  /** A value for a key. */
  public String value(int index, int revision) {
    return values.of(keys[index], revision);
  }

  /** Whether this is a value of this key, in any revision. */
  public boolean isValue(int index, String value) {
    return values.isOf(keys[index], value);
  }

  /** The indexes of all keys in runs of at most this many, for loading in batches. */
  public List<Range> ranges(int atMost) {
    List<Range> ranges = new ArrayList<>();
    for (int from = 0; from < keys.length; from += atMost) {
      ranges.add(new Range(from, Math.min(from + atMost, keys.length)));
    }
    return ranges;
  }

  /**
   * Some neighbouring indexes.
   *
   * @param from the first index
   * @param to one past the last
   */
  public record Range(int from, int to) {}
}
