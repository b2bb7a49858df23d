package io.howdah.jcache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the end of an entry.
 *
 * @param kind what
 * @param duration how long the entry has from now on; null but for {@link Kind#LASTS}
 */
record Ttl(Kind kind, @Nullable Duration duration) {
  enum Kind {
    /** It stays as it is. */
    KEEPS,
    /** There is none. */
    ETERNAL,
    /** It has come. */
    ENDS,
    /** It comes after the duration. */
    LASTS
  }

  static final Ttl KEEPS = new Ttl(Kind.KEEPS, null);
  static final Ttl ETERNAL = new Ttl(Kind.ETERNAL, null);
  static final Ttl ENDS = new Ttl(Kind.ENDS, null);

  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** Of an expiry policy's answer; a hundred years are for ever. */
  static Ttl of(javax.cache.expiry.Duration answer) {
    if (answer.isEternal()) {
      return ETERNAL;
    }
    if (answer.isZero()) {
      return ENDS;
    }
    long millis = answer.getTimeUnit().toMillis(answer.getDurationAmount());
    return millis > LONGEST.toMillis() ? ETERNAL : new Ttl(Kind.LASTS, Duration.ofMillis(millis));
  }

  boolean keeps() {
    return kind == Kind.KEEPS;
  }

  boolean ends() {
    return kind == Kind.ENDS;
  }
}
