package io.howdah.shop.order;

/** An order that cannot be, for a reason that the customer understands. Nothing was written. */
public final class NotOrderedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotOrderedException(String message) {
    super(message);
  }

  /** For the customer. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
