package io.howdah.shop.order;

import io.howdah.flag.FlagSubject;
import io.howdah.flag.Flags;
import io.howdah.shop.Money;
import io.howdah.shop.ShopProperties;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** What sending an order costs: nothing for those who have the flag {@value #FREE}. */
@Service
public class Shipping {
  /** Off while nobody has made it. */
  public static final String FREE = "shop.free-shipping";

  private final Flags flags;
  private final Money price;

  Shipping(Flags flags, ShopProperties shop) {
    this.flags = flags;
    this.price = shop.shipping();
  }

  /**
   * Whether it is free. That asks a snapshot in this process, which follows the table: no call.
   *
   * @param customer null for who is not logged in
   */
  public boolean isFree(@Nullable String customer) {
    return flags.isEnabled(
        FREE, customer == null ? FlagSubject.anonymous() : FlagSubject.user(customer));
  }

  /** For a customer, or null for who is not logged in. */
  public Money price(@Nullable String customer) {
    return isFree(customer) ? Money.NONE : price;
  }
}
