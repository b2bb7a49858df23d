package io.howdah.shop.order;

import io.howdah.shop.Money;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An order as its customer sees it.
 *
 * @param mail null while it has not been sent
 */
public record Order(
    long id,
    OffsetDateTime orderedAt,
    List<Line> lines,
    Money shipping,
    Money total,
    @Nullable Mail mail) {

  /** The same with these lines. */
  Order with(List<Line> itsLines) {
    return new Order(id, orderedAt, itsLines, shipping, total, mail);
  }

  /** At the price of then. */
  public record Line(String name, int quantity, Money price) {
    public Money sum() {
      return price.times(quantity);
    }
  }

  /** What would be in the customer's mailbox, had the shop a mail server. */
  public record Mail(String recipient, String subject, String body, OffsetDateTime sentAt) {}
}
