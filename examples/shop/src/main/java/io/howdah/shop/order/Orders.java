package io.howdah.shop.order;

import io.howdah.shop.Money;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** Reads orders. */
@Service
public class Orders {
  private static final int MOST = 50;

  private static final String SELECT =
      """
      SELECT o.id, o.ordered_at, o.shipping_cents, o.total_cents, m.recipient, m.subject, m.body, m.sent_at
      FROM customer_order AS o LEFT JOIN sent_mail AS m ON m.order_id = o.id
      """;

  private final JdbcClient jdbc;

  Orders(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The last {@value #MOST} of a customer, the last one first. */
  public List<Order> of(String customer) {
    return withLines(
        jdbc.sql(SELECT + "WHERE o.customer = :customer ORDER BY o.id DESC LIMIT " + MOST)
            .param("customer", customer)
            .query((row, number) -> withoutLines(row))
            .list());
  }

  /** One of them; empty when there is none. */
  Optional<Order> find(long order) {
    return withLines(
            jdbc.sql(SELECT + "WHERE o.id = :order")
                .param("order", order)
                .query((row, number) -> withoutLines(row))
                .list())
        .stream()
        .findFirst();
  }

  private static Order withoutLines(ResultSet row) throws SQLException {
    return new Order(
        row.getLong("id"),
        row.getObject("ordered_at", OffsetDateTime.class),
        List.of(),
        new Money(row.getInt("shipping_cents")),
        new Money(row.getInt("total_cents")),
        mail(row));
  }

  private static Order.@Nullable Mail mail(ResultSet row) throws SQLException {
    OffsetDateTime sentAt = row.getObject("sent_at", OffsetDateTime.class);
    return sentAt == null
        ? null
        : new Order.Mail(
            row.getString("recipient"), row.getString("subject"), row.getString("body"), sentAt);
  }

  /** All lines of all of them by one statement. */
  private List<Order> withLines(List<Order> orders) {
    if (orders.isEmpty()) {
      return orders;
    }
    Map<Long, List<Order.Line>> lines = new HashMap<>();
    jdbc.sql(
            """
            SELECT order_id, name, quantity, price_cents FROM order_line
            WHERE order_id IN (:orders) ORDER BY order_id, product_id
            """)
        .param("orders", orders.stream().map(Order::id).toList())
        .query(row -> {
          lines
              .computeIfAbsent(row.getLong("order_id"), order -> new ArrayList<>())
              .add(
                  new Order.Line(
                      row.getString("name"),
                      row.getInt("quantity"),
                      new Money(row.getInt("price_cents"))));
        });
    return orders.stream()
        .map(order -> order.with(lines.getOrDefault(order.id(), List.of())))
        .toList();
  }
}
