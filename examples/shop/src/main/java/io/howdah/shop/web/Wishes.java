package io.howdah.shop.web;

import io.howdah.preference.EffectivePreferences;
import io.howdah.preference.PreferenceKey;
import io.howdah.preference.Preferences;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What customers have chosen about the pages. The defaults are here, in the code. */
@Component
class Wishes {
  /** What there is to choose from. */
  static final List<Integer> PAGE_SIZES = List.of(4, 8, 12);

  private static final PreferenceKey<Theme> THEME =
      PreferenceKey.of("theme", Theme.class, Theme.AUTO);
  private static final PreferenceKey<Integer> PAGE_SIZE =
      PreferenceKey.of("catalogue.page-size", Integer.class, 8);

  /** Those of one customer. */
  record Wish(Theme theme, int pageSize) {}

  private final Preferences preferences;

  Wishes(Preferences preferences) {
    this.preferences = preferences;
  }

  /**
   * By one call, for all there is.
   *
   * @param customer null for who is not logged in, and has the defaults
   */
  Wish of(@Nullable String customer) {
    if (customer == null) {
      return new Wish(THEME.defaultValue(), PAGE_SIZE.defaultValue());
    }
    EffectivePreferences all = preferences.effective(customer);
    int size = all.value(PAGE_SIZE);
    // Anybody may have set it to anything, by SQL.
    return new Wish(all.value(THEME), PAGE_SIZES.contains(size) ? size : PAGE_SIZE.defaultValue());
  }

  void set(String customer, Theme theme, int pageSize) {
    preferences.set(customer, THEME, theme);
    preferences.set(customer, PAGE_SIZE, pageSize);
  }
}
