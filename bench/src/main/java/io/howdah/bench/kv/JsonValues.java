package io.howdah.bench.kv;

import java.util.SplittableRandom;

/**
 * Values that can be checked: each is a JSON object that names its key and one of ten revisions, so
 * that sets change something and yet each answer can be checked while others write. It is spelled
 * as Postgres spells {@code jsonb} (fields by length of name, one space after colon and comma), so
 * that every store returns exactly the characters it was given.
 */
public final class JsonValues {

  /** The smallest value that holds a key and a revision. */
  public static final int MIN_VALUE_BYTES = 64;

  /** How many values there are for each key. */
  public static final int REVISIONS = 10;

  private static final String BEFORE_KEY = "{\"id\": \"";
  private static final String BEFORE_REVISION = "\", \"rev\": ";
  private static final String BEFORE_FILLER = ", \"data\": \"";
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private final String[] tails = new String[REVISIONS];
  private final int valueLength;

  /**
   * @param keyLength the length of each key, at most 20
   * @param valueBytes the length of each value, at least {@link #MIN_VALUE_BYTES}
   */
  public JsonValues(int keyLength, int valueBytes) {
    if (valueBytes < MIN_VALUE_BYTES) {
      throw new IllegalArgumentException(
          "valueBytes must be at least " + MIN_VALUE_BYTES + ", was " + valueBytes);
    }
    valueLength = valueBytes;
    int head = BEFORE_KEY.length() + keyLength + BEFORE_REVISION.length() + 1;
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

  /** A value for a key. */
  public String of(String key, int revision) {
    return BEFORE_KEY + key + BEFORE_REVISION + revision + tails[revision];
  }

  /** The value of a key that is an expression of SQL, as an expression. */
  String sql(String key, int revision) {
    return "'%s' || %s || '%s%d%s'"
        .formatted(BEFORE_KEY, key, BEFORE_REVISION, revision, tails[revision]);
  }

  /** Whether this is a value of this key, in any revision. */
  public boolean isOf(String key, String value) {
    int afterKey = BEFORE_KEY.length() + key.length();
    int revisionAt = afterKey + BEFORE_REVISION.length();
    if (value.length() != valueLength) {
      return false;
    }
    int revision = value.charAt(revisionAt) - '0';
    return revision >= 0
        && revision < REVISIONS
        && value.startsWith(BEFORE_KEY)
        && value.startsWith(key, BEFORE_KEY.length())
        && value.startsWith(BEFORE_REVISION, afterKey)
        && value.startsWith(tails[revision], revisionAt + 1);
  }
}
