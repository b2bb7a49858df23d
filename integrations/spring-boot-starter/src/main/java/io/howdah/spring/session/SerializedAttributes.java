package io.howdah.spring.session;

import io.howdah.spring.json.AllowedTypes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.util.Base64;
import java.util.Set;
import org.springframework.util.ClassUtils;

/**
 * Objects as Java serializes them, for what cannot be JSON. Only allowed types are read, those of
 * Spring Security, flash attributes, and what they are made of.
 */
final class SerializedAttributes {
  /** In which the JDK writes what is allowed; nothing of the application's is made by them. */
  private static final Set<String> PARTS =
      Set.of(
          "java.lang.Enum",
          "java.lang.Number",
          "java.lang.Object",
          "java.lang.String$CaseInsensitiveComparator",
          "java.time.Ser",
          "java.util.AbstractMap$SimpleEntry",
          "java.util.AbstractMap$SimpleImmutableEntry",
          "java.util.CollSer",
          "java.util.Collections$ReverseComparator",
          "java.util.Comparators$NaturalOrderComparator",
          "java.util.EnumSet$SerializationProxy",
          "java.util.Map$Entry",
          "java.util.concurrent.ConcurrentHashMap$Segment",
          "java.util.concurrent.locks.AbstractOwnableSynchronizer",
          "java.util.concurrent.locks.AbstractQueuedSynchronizer",
          "java.util.concurrent.locks.ReentrantLock",
          "java.util.concurrent.locks.ReentrantLock$NonfairSync",
          "java.util.concurrent.locks.ReentrantLock$Sync",
          "org.springframework.util.LinkedMultiValueMap",
          "org.springframework.util.MultiValueMapAdapter",
          "org.springframework.web.servlet.FlashMap");

  private static final String SECURITY = "org.springframework.security.";

  private final AllowedTypes types;
  private final ClassLoader loader;

  SerializedAttributes(AllowedTypes types, ClassLoader loader) {
    this.types = types;
    this.loader = loader;
  }

  /** A text of Base64, which was read again. */
  String write(Object value) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream to = new ObjectOutputStream(bytes)) {
      to.writeObject(value);
    }
    Object unused = read(bytes.toByteArray());
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  Object read(String text) throws IOException, ClassNotFoundException {
    return read(Base64.getDecoder().decode(text));
  }

  private Object read(byte[] bytes) throws IOException, ClassNotFoundException {
    try (ObjectInputStream from = new Loading(new ByteArrayInputStream(bytes), loader)) {
      from.setObjectInputFilter(this::check);
      return from.readObject();
    }
  }

  private ObjectInputFilter.Status check(ObjectInputFilter.FilterInfo info) {
    Class<?> type = info.serialClass();
    if (type == null) {
      return ObjectInputFilter.Status.UNDECIDED;
    }
    Class<?> element = type;
    while (element.isArray()) {
      element = element.getComponentType();
    }
    return element.isPrimitive()
            || PARTS.contains(element.getName())
            || element.getName().startsWith(SECURITY)
            || types.test(element)
        ? ObjectInputFilter.Status.ALLOWED
        : ObjectInputFilter.Status.REJECTED;
  }

  /** By the class loader of the application. */
  private static final class Loading extends ObjectInputStream {
    private final ClassLoader loader;

    Loading(InputStream from, ClassLoader loader) throws IOException {
      super(from);
      this.loader = loader;
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass type)
        throws IOException, ClassNotFoundException {
      return ClassUtils.forName(type.getName(), loader);
    }
  }
}
