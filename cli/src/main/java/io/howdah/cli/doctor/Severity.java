package io.howdah.cli.doctor;

import java.util.Locale;

/** How much harm a finding does, the most first. */
public enum Severity {
  /** Something fails or is lost, now or soon. */
  CRITICAL,
  /** Something is slower, less safe or wider open than it need be. */
  WARNING,
  /** Good to know; it may be as it should be. */
  NOTICE;

  /** As it stands in the report. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Severity of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
