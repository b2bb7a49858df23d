package io.howdah.shop.order;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What somebody wants to buy: an attribute of the session. It is never changed, only replaced, so
 * that the session notices.
 *
 * @param items in the order of the products' ids, each product once
 */
public record Cart(List<Item> items) {
  public static final Cart EMPTY = new Cart(List.of());

  /** Of one product. */
  public static final int MOST_OF_ONE = 20;

  /** Different ones. */
  public static final int MOST_PRODUCTS = 50;

  /** So many of one product, 1 to {@value Cart#MOST_OF_ONE}. */
  public record Item(long product, int quantity) {}

  /** This cart with so many more of a product, as far as the bounds allow. */
  public Cart plus(long product, int quantity) {
    return with(product, quantity(product) + quantity);
  }

  /** This cart with so many of a product, as far as the bounds allow; without it for 0. */
  public Cart with(long product, int quantity) {
    List<Item> changed = new ArrayList<>(items);
    boolean unused = changed.removeIf(item -> item.product() == product);
    if (quantity > 0 && changed.size() < MOST_PRODUCTS) {
      unused = changed.add(new Item(product, Math.min(quantity, MOST_OF_ONE)));
      changed.sort(Comparator.comparingLong(Item::product));
    }
    return new Cart(List.copyOf(changed));
  }

  private int quantity(long product) {
    return items.stream().filter(item -> item.product() == product).mapToInt(Item::quantity).sum();
  }

  /** How many things are in it. */
  public int size() {
    return items.stream().mapToInt(Item::quantity).sum();
  }
}
