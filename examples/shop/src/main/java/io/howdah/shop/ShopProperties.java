package io.howdah.shop;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What is set for the shop itself.
 *
 * @param users who may log in
 * @param loginHint shown beside the login
 * @param shipping what sending an order costs
 * @param checkoutLimit how often a customer may order, as {@code @RateLimited} reads it
 */
@ConfigurationProperties("shop")
public record ShopProperties(
    List<User> users, String loginHint, Money shipping, String checkoutLimit) {

  /**
   * One of them.
   *
   * @param password encoded, with the encoder's name before it
   */
  public record User(String name, String password) {}
}
