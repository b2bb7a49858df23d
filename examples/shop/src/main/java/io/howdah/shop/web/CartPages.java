package io.howdah.shop.web;

import io.howdah.ratelimit.Decision;
import io.howdah.shop.Money;
import io.howdah.shop.catalogue.Catalogue;
import io.howdah.shop.catalogue.Product;
import io.howdah.shop.order.Cart;
import io.howdah.shop.order.Checkout;
import io.howdah.shop.order.NotOrderedException;
import io.howdah.shop.order.Shipping;
import io.howdah.spring.ratelimit.RateLimitedException;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.security.Principal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.SessionAttribute;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The cart, which is in the session: it is there before the login, and stays at the login. */
@Controller
class CartPages {
  private static final String CART = "cart";

  /** One line of the page, at the price of now. */
  record Line(Product product, int quantity) {
    public Money sum() {
      return product.price().times(quantity);
    }
  }

  private final Catalogue catalogue;
  private final Checkout checkout;
  private final Shipping shipping;

  CartPages(Catalogue catalogue, Checkout checkout, Shipping shipping) {
    this.catalogue = catalogue;
    this.checkout = checkout;
    this.shipping = shipping;
  }

  @GetMapping("/cart")
  String show(
      @SessionAttribute(name = CART, required = false) @Nullable Cart cart,
      @Nullable Principal principal,
      Model model) {
    List<Line> lines = orEmpty(cart).items().stream().flatMap(item -> line(item).stream()).toList();
    Money freight = shipping.price(principal == null ? null : principal.getName());
    model.addAttribute("lines", lines);
    model.addAttribute("shipping", freight);
    model.addAttribute("total", lines.stream().map(Line::sum).reduce(freight, Money::plus));
    model.addAttribute("mostOfOne", Cart.MOST_OF_ONE);
    return "cart";
  }

  private Optional<Line> line(Cart.Item item) {
    return catalogue.find(item.product()).map(product -> new Line(product, item.quantity()));
  }

  @PostMapping("/cart/add")
  String add(
      @RequestParam long product,
      @RequestParam(defaultValue = "1") int quantity,
      @SessionAttribute(name = CART, required = false) @Nullable Cart cart,
      HttpSession session,
      RedirectAttributes next) {
    Product added = known(product, quantity);
    session.setAttribute(CART, orEmpty(cart).plus(product, quantity));
    next.addFlashAttribute("notice", added.name() + " is in your cart.");
    return "redirect:/cart";
  }

  @PostMapping("/cart/set")
  String set(
      @RequestParam long product,
      @RequestParam int quantity,
      @SessionAttribute(name = CART, required = false) @Nullable Cart cart,
      HttpSession session) {
    Product unused = known(product, quantity);
    session.setAttribute(CART, orEmpty(cart).with(product, quantity));
    return "redirect:/cart";
  }

  private Product known(long product, int quantity) {
    if (quantity < 0 || quantity > Cart.MOST_OF_ONE) {
      throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
    }
    return catalogue
        .find(product)
        .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
  }

  /** Where the login leads who wanted to order. */
  @GetMapping("/checkout")
  String afterLogin() {
    return "redirect:/cart";
  }

  @PostMapping("/checkout")
  String order(
      @RequestParam int totalCents,
      @SessionAttribute(name = CART, required = false) @Nullable Cart cart,
      Principal customer,
      HttpSession session,
      HttpServletResponse response,
      Model model,
      RedirectAttributes next) {
    try {
      long order = checkout.order(customer.getName(), orEmpty(cart), new Money(totalCents));
      session.removeAttribute(CART);
      next.addFlashAttribute("notice", "Thank you! Your order has the number " + order + ".");
      return "redirect:/orders";
    } catch (NotOrderedException e) {
      next.addFlashAttribute("problem", e.getMessage());
      return "redirect:/cart";
    } catch (RateLimitedException e) {
      return tooMany(e.decision(), response, model);
    }
  }

  private static String tooMany(Decision decision, HttpServletResponse response, Model model) {
    // rounded up: who comes a little later is not denied again
    long seconds = decision.retryAfter().plusMillis(999).toSeconds();
    response.setStatus(HttpStatus.TOO_MANY_REQUESTS.value());
    response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
    model.addAttribute("seconds", seconds);
    return "too-many";
  }

  private static Cart orEmpty(@Nullable Cart cart) {
    return cart == null ? Cart.EMPTY : cart;
  }
}
