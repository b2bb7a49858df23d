package io.howdah.shop.web;

/** The colours of the pages. */
public enum Theme {
  AUTO("As the system"),
  LIGHT("Light"),
  DARK("Dark");

  private final String label;

  Theme(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  /** As the style sheet knows it. */
  public String css() {
    return switch (this) {
      case AUTO -> "auto";
      case LIGHT -> "light";
      case DARK -> "dark";
    };
  }
}
