package io.howdah.spring.ratelimit;

import io.howdah.HowdahException;
import io.howdah.ratelimit.RateLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.convert.DurationStyle;

/** Limits in words: "10/1m", "10/1m burst 20", "10/1s, 1000/1d sliding". */
final class LimitText {
  private static final Pattern ONE =
      Pattern.compile(
          "(\\d{1,18})\\s*/\\s*(\\S+)(?:\\s+(?:burst\\s+(\\d{1,18})|(sliding|fixed)))?");

  private LimitText() {}

  /**
   * The limits of a text.
   *
   * @throws IllegalArgumentException when it is none; the message says what is expected
   */
  static List<RateLimit> parse(String text) {
    List<RateLimit> limits = new ArrayList<>();
    Set<Duration> periods = new HashSet<>();
    for (String one : text.split(",", -1)) {
      RateLimit limit = parseOne(text, one.strip());
      if (!periods.add(limit.period())) {
        throw new IllegalArgumentException(
            "limit: one for each period expected, got two for "
                + limit.period()
                + " in \""
                + text
                + "\"");
      }
      limits.add(limit);
    }
    return List.copyOf(limits);
  }

  private static RateLimit parseOne(String text, String one) {
    Matcher matcher = ONE.matcher(one);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "limit: calls/period expected, such as 10/1m, 10/1m burst 20, 10/1m sliding, or 10/1m fixed;"
              + " several with commas between them; got \""
              + text
              + "\"");
    }
    try {
      RateLimit limit =
          RateLimit.of(
              Long.parseLong(matcher.group(1)), DurationStyle.detectAndParse(matcher.group(2)));
      if (matcher.group(3) != null) {
        return limit.burst(Long.parseLong(matcher.group(3)));
      }
      String window = matcher.group(4);
      if (window == null) {
        return limit;
      }
      return window.equals("sliding") ? limit.slidingWindow() : limit.fixedWindow();
    } catch (HowdahException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "limit: \"" + text + "\" is not usable: " + e.getMessage(), e);
    }
  }
}
