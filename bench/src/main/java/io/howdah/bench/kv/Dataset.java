package io.howdah.bench.kv;

import java.util.ArrayList;
import java.util.List;

/** A fixed number of keys, and values for each of them; and some counters. */
public final class Dataset {

  /** The smallest value that holds a key and a revision. */
  public static final int MIN_VALUE_BYTES = JsonValues.MIN_VALUE_BYTES;

  /** How many values there are for each key. */
  public static final int REVISIONS = JsonValues.REVISIONS;

  /** How many counters there are, whatever the number of keys: so many users are active. */
  static final int COUNTERS = 10_000;

  private static final String KEY_BEGIN = "key:";
  private static final String COUNTER_BEGIN = "count:";
  private static final int KEY_DIGITS = 10;

  private final int size;
  private final JsonValues values;

  /**
   * @param keys how many keys there are
   * @param valueBytes the length of each value, at least {@link #MIN_VALUE_BYTES}
   */
  public Dataset(int keys, int valueBytes) {
    if (keys < 1) {
      throw new IllegalArgumentException("keys must be at least 1, was " + keys);
    }
    size = keys;
    values = new JsonValues(KEY_BEGIN.length() + KEY_DIGITS, valueBytes);
  }

  /** How many keys there are. */
  public int size() {
    return size;
  }

  /** A key. Made when it is asked for: ten million of them would fill the heap. */
  public String key(int index) {
    return numbered(KEY_BEGIN, index);
  }

  /** The key of a counter, from 0 to {@link #COUNTERS}. */
  static String counter(int index) {
    return numbered(COUNTER_BEGIN, index);
  }

  private static String numbered(String begin, int index) {
    char[] text = new char[begin.length() + KEY_DIGITS];
    begin.getChars(0, begin.length(), text, 0);
    int rest = index;
    for (int at = text.length - 1; at >= begin.length(); at--) {
      text[at] = (char) ('0' + rest % 10);
      rest /= 10;
    }
    return new String(text);
  }

  /** A value for a key. */
  public String value(int index, int revision) {
    return values.of(key(index), revision);
  }

  /** Whether this is a value of this key, in any revision. */
  public boolean isValue(int index, String value) {
    return values.isOf(key(index), value);
  }

  /** The key whose index is an expression of SQL, as an expression. */
  static String keySql(String index) {
    return keySql(KEY_BEGIN, index);
  }

  /** The same of a counter. */
  static String counterSql(String index) {
    return keySql(COUNTER_BEGIN, index);
  }

  private static String keySql(String begin, String index) {
    return "'%s' || lpad(%s::text, %d, '0')".formatted(begin, index, KEY_DIGITS);
  }

  /** The value of a key that is an expression of SQL, as an expression. */
  String valueSql(String key, int revision) {
    return values.sql(key, revision);
  }

  /** A query for keys, and for their values in revision 0, as text. */
  String rowsSql(Range range) {
    return "SELECT k, %s FROM (SELECT %s FROM generate_series(%d, %d) AS i) AS s (k)"
        .formatted(valueSql("k", 0), keySql("i"), range.from, range.to - 1);
  }

  /** A query for the keys of all counters. */
  String countersSql() {
    return "SELECT %s FROM generate_series(0, %d) AS i".formatted(counterSql("i"), COUNTERS - 1);
  }

  /** The indexes of all keys in runs of at most this many, for loading in batches. */
  public List<Range> ranges(int atMost) {
    List<Range> ranges = new ArrayList<>();
    for (int from = 0; from < size; from += atMost) {
      ranges.add(new Range(from, Math.min(from + atMost, size)));
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
