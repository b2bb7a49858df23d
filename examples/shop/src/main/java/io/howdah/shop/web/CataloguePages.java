package io.howdah.shop.web;

import io.howdah.shop.catalogue.Catalogue;
import io.howdah.shop.catalogue.Product;
import io.howdah.shop.catalogue.ProductPage;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/** What there is to buy, for everybody. */
@Controller
class CataloguePages {
  private final Catalogue catalogue;

  CataloguePages(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  @GetMapping("/")
  String page(
      @RequestParam(defaultValue = "1") int page,
      @ModelAttribute("wish") Wishes.Wish wish,
      Model model) {
    ProductPage first = catalogue.page(1, wish.pageSize());
    // Whoever asks for pages that are none must not fill the cache with them.
    if (page < 1 || page > first.pages()) {
      throw new ResponseStatusException(HttpStatus.NOT_FOUND);
    }
    model.addAttribute("page", page == 1 ? first : catalogue.page(page, wish.pageSize()));
    return "catalogue";
  }

  @GetMapping("/products/{id}")
  String product(@PathVariable long id, Model model) {
    Product product =
        catalogue.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    model.addAttribute("product", product);
    return "product";
  }
}
