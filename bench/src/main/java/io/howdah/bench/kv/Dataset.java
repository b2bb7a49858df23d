package io.howdah.bench.kv;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The keys and values of the benchmark. A value is a JSON object that names its key and one of ten
 * revisions, so that sets change something and yet each answer can be checked while others write.
 * It is spelled as Postgres spells {@code jsonb} (fields by length of name, one space after colon
 * and comma), so that every store returns exactly the characters it was given.
 */
public final class Dataset {

  /** The smallest value that holds a key and a revision. */
  public static final int MIN_VALUE_BYTES = 64;

  /** How many values there are for each key. */
  public static final int REVISIONS = 10;

  private static final String BEFORE_KEY = "{\"id\": \"";
  private static final String BEFORE_REVISION = "\", \"rev\": ";
  private static final String BEFORE_FILLER = ", \"data\": \"";
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private final String[] keys;
  private final String[] tails;
  private final int valueLength;

  /**
   * @param keys how many keys there are
   * @param valueBytes the length of each value, at least {@link #MIN_VALUE_BYTES}
   */
  public Dataset(int keys, int valueBytes) {
    if (keys < 1) {
      throw new IllegalArgumentException("keys must be at least 1, was " + keys);
    }
    if (valueBytes < MIN_VALUE_BYTES) {
      throw new IllegalArgumentException(
          "valueBytes must be at least " + MIN_VALUE_BYTES + ", was " + valueBytes);
    }
    this.keys = new String[keys];
    for (int i = 0; i < keys; i++) {
      this.keys[i] = "key:" + String.format("%010d", i);
    }
    valueLength = valueBytes;
    tails = new String[REVISIONS];
    int head = BEFORE_KEY.length() + this.keys[0].length() + BEFORE_REVISION.length() + 1;
    int filler = valueBytes - head - BEFORE_FILLER.length() - "\"}".length();
    // Letters without a pattern: a store that compresses must not look good on a row of x.
    SplittableRandom random = new SplittableRandom(valueBytes);
    for (int revision = 0; revision < REVISIONS; revision++) {
      StringBuilder tail = new StringBuilder(BEFORE_FILLER);
      for (int i = 0; i < filler; i++) {
        tail.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
      }
      tails[revision] = tail.append("\"}").toString();
    }
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
    return BEFORE_KEY + keys[index] + BEFORE_REVISION + revision + tails[revision];
  }

  /** Whether this is a value of this key, in any revision. */
  public boolean isValue(int index, String value) {
    int afterKey = BEFORE_KEY.length() + keys[index].length();
    int revisionAt = afterKey + BEFORE_REVISION.length();
    if (value.length() != valueLength) {
      return false;
    }
    int revision = value.charAt(revisionAt) - '0';
    return revision >= 0
        && revision < REVISIONS
        && value.startsWith(BEFORE_KEY)
        && value.startsWith(keys[index], BEFORE_KEY.length())
        && value.startsWith(BEFORE_REVISION, afterKey)
        && value.startsWith(tails[revision], revisionAt + 1);
  }

  /** The indexes of all keys in runs of at most this many, for loading in batches. */
  List<Range> ranges(int atMost) {
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
  record Range(int from, int to) {}
}
