package io.howdah.shop.catalogue;

import java.util.List;

/**
 * A page of the catalogue.
 *
 * @param number of the page, from 1
 * @param pages how many there are, at least 1
 */
public record ProductPage(List<Product> products, int number, int pages) {
  public boolean isFirst() {
    return number == 1;
  }

  public boolean isLast() {
    return number >= pages;
  }
}
