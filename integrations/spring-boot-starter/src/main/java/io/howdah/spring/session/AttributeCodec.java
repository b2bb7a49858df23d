package io.howdah.spring.session;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.spring.json.AllowedTypes;
import io.howdah.spring.json.TypedJson;
import io.howdah.spring.session.HowdahSessionProperties.Fallback;
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
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;

/**
 * Makes JSON of the attributes of sessions, and attributes of JSON. One that cannot be read is
 * absent, and said once for each name.
 */
public final class AttributeCodec {
  private static final Logger LOG = LoggerFactory.getLogger(AttributeCodec.class);
  private static final int MOST_SAID = 1_000;

  /** The member of what Java has serialized; typed JSON has no object without a class. */
  private static final String JAVA = "@java";

  private final TypedJson json;
  private final AllowedTypes types;
  private final Fallback fallback;
  private final ClassLoader loader;
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  /**
   * @param types what may be read by Java, where that is the fallback
   */
  public AttributeCodec(TypedJson json, AllowedTypes types, Fallback fallback, ClassLoader loader) {
    this.json = json;
    this.types = types;
    this.fallback = fallback;
    this.loader = loader;
  }

  /**
   * The JSON of an attribute.
   *
   * @throws HowdahException with {@link ErrorCode#CODEC} naming the attribute, when it cannot be
   *     stored
   */
  String encode(String name, Object value) {
    try {
      return json.write(value);
    } catch (HowdahException e) {
      if (fallback == Fallback.JAVA) {
        return serialized(name, value);
      }
      throw new HowdahException(
          ErrorCode.CODEC,
          "the attribute '"
              + name
              + "' of a session cannot be stored: "
              + e.getMessage()
              + ". Classes outside the application's packages are allowed by"
              + " howdah.session.allowed-types; howdah.session.fallback=java serializes what cannot"
              + " be JSON",
          e);
    }
  }

  private String serialized(String name, Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream to = new ObjectOutputStream(bytes)) {
      to.writeObject(value);
      to.flush();
      Object unused = deserialized(bytes.toByteArray());
    } catch (IOException | ClassNotFoundException | RuntimeException e) {
      throw new HowdahException(
          ErrorCode.CODEC,
          "the attribute '" + name + "' of a session can neither be JSON nor be serialized: " + e,
          e);
    }
    return "{\"" + JAVA + "\":\"" + Base64.getEncoder().encodeToString(bytes.toByteArray()) + "\"}";
  }

  /** An attribute; null where it cannot be read. */
  @Nullable Object decode(String name, JsonNode stored) {
    try {
      JsonNode serialized = stored.isObject() ? stored.get(JAVA) : null;
      if (serialized == null) {
        return json.read(stored);
      }
      if (fallback != Fallback.JAVA) {
        throw new IllegalStateException("serialized by Java, which is off");
      }
      return deserialized(Base64.getDecoder().decode(serialized.stringValue()));
    } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError e) {
      if (said.size() < MOST_SAID && said.add(name)) {
        LOG.warn(
            "the attribute '{}' of a session cannot be read ({}): it counts as absent; said once",
            name,
            e.getClass().getSimpleName());
        LOG.debug("why", e);
      }
      return null;
    }
  }

  /** The attributes of a session; none where not even their names can be read. */
  JsonNode tree(String data) {
    try {
      return json.tree(data);
    } catch (RuntimeException e) {
      // Postgres holds what Jackson does not read, such as numbers of a thousand digits.
      if (said.add("*")) {
        LOG.warn("the attributes of a session cannot be read, and count as absent; said once", e);
      }
      return json.tree("{}");
    }
  }

  private Object deserialized(byte[] bytes) throws IOException, ClassNotFoundException {
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
    return type == Number.class || type == Enum.class || types.test(type)
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
