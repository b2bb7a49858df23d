package io.howdah.bench.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;

/** How numbers are written for people: three digits are what a benchmark of seconds can tell. */
public final class Figures {

  private Figures() {}

  /** For example 121k, 12.3k, 987. */
  static String thousands(double value) {
    return value < 999.5 ? digits(value, 0) : threeDigits(value / 1_000) + "k";
  }

  /** For example 61.5 µs, 430 µs, 2.8 ms. */
  static String micros(double micros) {
    return micros < 999.5 ? threeDigits(micros) + " µs" : threeDigits(micros / 1_000) + " ms";
  }

  /** For example 1.83, 12.4. */
  static String ratio(double ratio) {
    return digits(ratio, ratio < 9.995 ? 2 : 1);
  }

  /** For example 0.8 MB, 23.4 MB, 1,250 MB. */
  static String megabytes(long bytes) {
    double megabytes = bytes / 1e6;
    return (megabytes < 999.5 ? threeDigits(megabytes) : whole(megabytes)) + " MB";
  }

  /** For example 9,870,123. */
  static String whole(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  /** For example 9,870,123. */
  static String whole(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** For example 98.7 %. */
  static String percent(double share) {
    return digits(share * 100, 1) + " %";
  }

  /** For example 0.43. */
  static String hundredths(double value) {
    return digits(value, 2);
  }

  /** For example 45 s, 12 min. */
  public static String duration(Duration duration) {
    double seconds = duration.toMillis() / 1_000.0;
    return seconds < 90 ? digits(seconds, 0) + " s" : digits(seconds / 60, 0) + " min";
  }

  private static String threeDigits(double value) {
    return digits(value, value < 99.95 ? 1 : 0);
  }

  private static String digits(double value, int decimals) {
    return BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_UP).toPlainString();
  }
}
