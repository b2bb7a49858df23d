package io.howdah.shop.web;

import io.howdah.shop.ShopProperties;
import io.howdah.shop.order.Orders;
import java.security.Principal;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The login, and what a customer sees of himself and may choose. */
@Controller
class OwnPages {
  private final Orders orders;
  private final Wishes wishes;
  private final String loginHint;

  OwnPages(Orders orders, Wishes wishes, ShopProperties shop) {
    this.orders = orders;
    this.wishes = wishes;
    this.loginHint = shop.loginHint();
  }

  @GetMapping("/login")
  String login(Model model) {
    model.addAttribute("hint", loginHint);
    return "login";
  }

  @GetMapping("/orders")
  String orders(Principal customer, Model model) {
    model.addAttribute("orders", orders.of(customer.getName()));
    return "orders";
  }

  @GetMapping("/settings")
  String settings(Model model) {
    model.addAttribute("themes", Theme.values());
    model.addAttribute("pageSizes", Wishes.PAGE_SIZES);
    return "settings";
  }

  @PostMapping("/settings")
  String set(
      @RequestParam Theme theme,
      @RequestParam int pageSize,
      Principal customer,
      RedirectAttributes next) {
    if (!Wishes.PAGE_SIZES.contains(pageSize)) {
      throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
    }
    wishes.set(customer.getName(), theme, pageSize);
    next.addFlashAttribute("notice", "Saved.");
    return "redirect:/settings";
  }
}
