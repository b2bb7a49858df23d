package io.howdah.cli.importing;

import io.howdah.HowdahException;
import java.util.regex.Pattern;

/** A record of the file. */
sealed interface Item {
  /** Where it begins, from 1. */
  long line();

  /** A record that may be stored. */
  record Accepted(long line, String key, String json) implements Item {}

  /**
   * A record that may not.
   *
   * @param reason what is wrong, in words that are the same for all such records
   * @param detail what is wrong with this one
   * @param text the record, perhaps cut short
   */
  record Rejected(long line, String reason, String detail, String text) implements Item {
    private static final Pattern PARTICULAR = Pattern.compile(", (got|found) .*", Pattern.DOTALL);
    private static final int MOST_TEXT = 10_000;

    public Rejected {
      text = text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "...";
    }

    /** One that the library refuses. */
    static Rejected of(Accepted record, HowdahException refusal) {
      String detail = String.valueOf(refusal.getMessage());
      return new Rejected(
          record.line(), PARTICULAR.matcher(detail).replaceFirst(""), detail, record.json());
    }
  }
}
