package io.howdah.bench.spring;

import java.time.LocalDate;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.cache.annotation.Cacheable;

/** A service whose results Spring's cache keeps. */
public class Catalogue {

  static final String CACHE = "catalogue";

  /** What an article has as JSON besides its text, in bytes, class names included. */
  static final int LEAST_BYTES = 300;

  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private final AtomicLong computed;
  private final String text;

  /**
   * A catalogue.
   *
   * @param bytes about how many bytes an article is as JSON, at least {@link #LEAST_BYTES}
   * @param computed counts what was not in the cache
   */
  Catalogue(int bytes, AtomicLong computed) {
    this.computed = computed;
    // Letters without a pattern: a store that compresses must not look good on a row of x.
    SplittableRandom random = new SplittableRandom(bytes);
    StringBuilder letters = new StringBuilder();
    for (int i = LEAST_BYTES; i < bytes; i++) {
      letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    this.text = letters.toString();
  }

  /** The article of this number. */
  @Cacheable(CACHE)
  public Article find(String number) {
    long unused = computed.incrementAndGet();
    return new Article(
        number,
        "Title of " + number,
        12_345,
        true,
        LocalDate.of(2026, 1, 1),
        List.of("rugs", "wool", "handmade"),
        text);
  }
}
