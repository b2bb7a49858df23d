package io.howdah.shop.catalogue;

import io.howdah.Howdah;
import io.howdah.shop.Money;
import jakarta.annotation.PostConstruct;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The products, out of the cache. Nothing evicts here: the caches follow the table, so who changes
 * it, from wherever, evicts what was made of it, in the same transaction.
 */
@Service
public class Catalogue {
  private static final String COLUMNS = "id, name, description, price_cents, stock";

  private static final long MOST_ENTRIES = 10_000;

  private final JdbcClient jdbc;
  private final Howdah howdah;

  Catalogue(JdbcClient jdbc, Howdah howdah) {
    this.jdbc = jdbc;
    this.howdah = howdah;
  }

  /** The tags are those of {@code howdah.cache.caches} in application.yaml. */
  @PostConstruct
  void follow() {
    boolean unused = howdah.caches().dependsOn("product", "product", "product:{id}");
    unused = howdah.caches().dependsOn("catalogue", "product", "catalogue");
    // That there is no such product is kept as well, and anybody may ask for any.
    howdah.caches().limitEntries("product", MOST_ENTRIES);
  }

  /** A product; empty when there is none. */
  @Cacheable(value = "product", sync = true)
  public Optional<Product> find(long id) {
    return jdbc.sql("SELECT " + COLUMNS + " FROM product WHERE id = :id")
        .param("id", id)
        .query(Catalogue::product)
        .optional();
  }

  /**
   * A page of all products in the order of their ids.
   *
   * @param number from 1; without products when there are not so many pages
   * @param size how many products a page has, at least 1
   */
  @Cacheable(value = "catalogue", sync = true)
  public ProductPage page(int number, int size) {
    int products = jdbc.sql("SELECT count(*) FROM product").query(Integer.class).single();
    return new ProductPage(
        jdbc.sql("SELECT " + COLUMNS + " FROM product ORDER BY id LIMIT :size OFFSET :start")
            .param("size", size)
            .param("start", (number - 1L) * size)
            .query(Catalogue::product)
            .list(),
        number,
        Math.max(1, (products + size - 1) / size));
  }

  private static Product product(ResultSet row, int number) throws SQLException {
    return new Product(
        row.getLong("id"),
        row.getString("name"),
        row.getString("description"),
        new Money(row.getInt("price_cents")),
        row.getInt("stock"));
  }
}
