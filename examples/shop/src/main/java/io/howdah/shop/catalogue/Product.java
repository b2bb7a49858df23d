package io.howdah.shop.catalogue;

import io.howdah.shop.Money;

/** What is for sale, as it is kept in the cache. */
public record Product(long id, String name, String description, Money price, int stock) {
  public boolean isSoldOut() {
    return stock == 0;
  }
}
