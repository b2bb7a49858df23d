package io.howdah.shop.order;

import io.howdah.spring.job.JobHandler;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Confirms orders. To send a mail is to write a row here, so that the example needs no mail server;
 * and since the row is in the transaction that completes the job, there is exactly one.
 */
@Service
class Mails {
  private static final Logger LOG = LoggerFactory.getLogger(Mails.class);

  private final JdbcClient jdbc;
  private final Orders orders;

  Mails(JdbcClient jdbc, Orders orders) {
    this.jdbc = jdbc;
    this.orders = orders;
  }

  @JobHandler(value = OrderMail.QUEUE, transactional = true)
  void send(OrderMail mail) {
    Order order = orders.find(mail.order()).orElseThrow();
    int unused =
        jdbc.sql(
                """
                INSERT INTO sent_mail (order_id, recipient, subject, body)
                SELECT id, customer || '@shop.example', 'Your order ' || id, :body
                FROM customer_order WHERE id = :order
                """)
            .param("order", order.id())
            .param("body", body(order))
            .update();
    LOG.info("confirmed order {}", order.id());
  }

  private static String body(Order order) {
    return order.lines().stream()
        .map(line -> line.quantity() + " × " + line.name() + ", " + line.sum())
        .collect(
            Collectors.joining(
                "\n",
                "Thank you. You have ordered:\n\n",
                "\n\nShipping: " + order.shipping() + "\nTotal: " + order.total()));
  }
}
