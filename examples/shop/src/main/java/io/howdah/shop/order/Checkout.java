package io.howdah.shop.order;

import io.howdah.Howdah;
import io.howdah.job.JobQueue;
import io.howdah.shop.Money;
import io.howdah.spring.ratelimit.RateLimited;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Makes orders of carts. */
@Service
public class Checkout {
  private record Line(long product, String name, Money price, int quantity) {}

  private final JdbcClient jdbc;
  private final Shipping shipping;
  private final JobQueue<OrderMail> mails;

  Checkout(JdbcClient jdbc, Shipping shipping, Howdah howdah) {
    this.jdbc = jdbc;
    this.shipping = shipping;
    this.mails = howdah.jobs(OrderMail.QUEUE, OrderMail.class);
  }

  /**
   * Takes what is in the cart from the stock, writes the order, and has its mail sent: all of that
   * or nothing, in one transaction. The rate limit is asked before, and outside of it: a rollback
   * does not give the attempt back.
   *
   * @param total what the customer was shown
   * @return the number of the order
   * @throws io.howdah.spring.ratelimit.RateLimitedException when the customer has tried too often
   * @throws NotOrderedException when something is sold out, or costs something else by now
   */
  @RateLimited(name = "checkout", limit = "${shop.checkout-limit}", key = "#customer")
  @Transactional
  public long order(String customer, Cart cart, Money total) {
    if (cart.items().isEmpty()) {
      throw new NotOrderedException("Your cart is empty.");
    }
    // The cart is in the order of the ids, so two checkouts lock rows in the same order.
    List<Line> lines = cart.items().stream().map(this::take).toList();
    Money freight = shipping.price(customer);
    Money sum =
        lines.stream()
            .map(line -> line.price().times(line.quantity()))
            .reduce(freight, Money::plus);
    if (!sum.equals(total)) {
      throw new NotOrderedException(
          "A price has changed: it is " + sum + " now. Please look again before you order.");
    }
    long order = write(customer, lines, freight, sum);
    long unused = mails.enqueue(new OrderMail(order));
    return order;
  }

  /** That the caches follow the table is nothing to think of here: this evicts the product. */
  private Line take(Cart.Item item) {
    Optional<Line> taken =
        jdbc.sql(
                """
                UPDATE product SET stock = stock - :quantity
                WHERE id = :id AND stock >= :quantity
                RETURNING name, price_cents
                """)
            .param("id", item.product())
            .param("quantity", item.quantity())
            .query((row, number) ->
                new Line(
                    item.product(),
                    row.getString("name"),
                    new Money(row.getInt("price_cents")),
                    item.quantity()))
            .optional();
    return taken.orElseThrow(() -> new NotOrderedException(shortage(item.product())));
  }

  private String shortage(long product) {
    return jdbc.sql("SELECT name, stock FROM product WHERE id = :id")
        .param("id", product)
        .query((row, number) ->
            row.getInt("stock") == 0
                ? row.getString("name") + ": sold out."
                : row.getString("name") + ": only " + row.getInt("stock") + " left.")
        .optional()
        .orElse("Something in your cart is not for sale any more.");
  }

  private long write(String customer, List<Line> lines, Money freight, Money sum) {
    long order =
        jdbc.sql(
                """
                INSERT INTO customer_order (customer, shipping_cents, total_cents)
                VALUES (:customer, :shipping, :total)
                RETURNING id
                """)
            .param("customer", customer)
            .param("shipping", freight.cents())
            .param("total", sum.cents())
            .query(Long.class)
            .single();
    for (Line line : lines) {
      int unused =
          jdbc.sql(
                  """
                  INSERT INTO order_line (order_id, product_id, name, quantity, price_cents)
                  VALUES (:order, :product, :name, :quantity, :price)
                  """)
              .param("order", order)
              .param("product", line.product())
              .param("name", line.name())
              .param("quantity", line.quantity())
              .param("price", line.price().cents())
              .update();
    }
    return order;
  }
}
