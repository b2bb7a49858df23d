package io.howdah.shop.web;

import io.howdah.shop.order.Cart;
import io.howdah.shop.order.Shipping;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.SessionAttribute;

/** What every page shows. Not the pages for errors: what these are about may be what fails here. */
@ControllerAdvice(basePackageClasses = Layout.class)
class Layout {
  private final Shipping shipping;
  private final Wishes wishes;

  Layout(Shipping shipping, Wishes wishes) {
    this.shipping = shipping;
    this.wishes = wishes;
  }

  @ModelAttribute
  void everyPage(
      Model model,
      @Nullable Principal principal,
      @SessionAttribute(name = "cart", required = false) @Nullable Cart cart,
      HttpServletRequest request) {
    String customer = principal == null ? null : principal.getName();
    model.addAttribute("customer", customer);
    model.addAttribute("wish", wishes.of(customer));
    model.addAttribute("freeShipping", shipping.isFree(customer));
    model.addAttribute("cartSize", cart == null ? 0 : cart.size());
    // shows the cluster: one shop, and another port
    model.addAttribute("port", request.getLocalPort());
  }
}
