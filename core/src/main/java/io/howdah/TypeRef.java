package io.howdah;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/**
 * Names a generic type where a class literal cannot: {@code new TypeRef<List<Cart>>() {}}.
 *
 * @param <T> the type
 */
public abstract class TypeRef<T> {
  private final Type type;

  protected TypeRef() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parameterized)) {
      throw new InvalidArgumentException(
          "type", "type: a parameterized TypeRef expected, as in new TypeRef<List<String>>() {}");
    }
    this.type = parameterized.getActualTypeArguments()[0];
  }

  private TypeRef(Type type) {
    this.type = type;
  }

  /** Names a type that is known only while the program runs, such as that of a parameter. */
  public static TypeRef<?> of(Type type) {
    return new TypeRef<Object>(type) {};
  }

  public final Type type() {
    return type;
  }
}
