package io.howdah.shop;

import java.util.Locale;

/**
 * An amount.
 *
 * @param cents of a euro
 */
public record Money(int cents) {
  public static final Money NONE = new Money(0);

  /**
   * The sum.
   *
   * @throws ArithmeticException when it is more than an {@code int} holds
   */
  public Money plus(Money other) {
    return new Money(Math.addExact(cents, other.cents));
  }

  /**
   * So many times this amount.
   *
   * @throws ArithmeticException when it is more than an {@code int} holds
   */
  public Money times(int quantity) {
    return new Money(Math.multiplyExact(cents, quantity));
  }

  /** As people read it: {@code €1,249.00}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "€%,d.%02d", cents / 100, cents % 100);
  }
}
