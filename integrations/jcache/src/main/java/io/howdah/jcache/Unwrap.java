package io.howdah.jcache;

/** What {@code unwrap} does everywhere. */
final class Unwrap {
  private Unwrap() {}

  /**
   * @throws IllegalArgumentException when it is none
   */
  static <T> T as(Object object, Class<T> type) {
    if (!type.isInstance(object)) {
      throw new IllegalArgumentException("cannot be unwrapped as " + type.getName());
    }
    return type.cast(object);
  }
}
