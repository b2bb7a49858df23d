package io.howdah.spring.session;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.spring.json.AllowedTypes;
import io.howdah.spring.json.TypedJson;
import io.howdah.spring.session.HowdahSessionProperties.Fallback;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Makes JSON of the attributes of sessions, and attributes of JSON. One that cannot be read is
 * absent, and said once for each name; so is an exception that cannot be stored. What attributes
 * hold is in no log.
 */
public final class AttributeCodec {
  private static final Logger LOG = LoggerFactory.getLogger(AttributeCodec.class);
  private static final int MOST_SAID = 1_000;

  /** The member of what Java has serialized; typed JSON has no object without a class. */
  private static final String JAVA = "@java";

  private final TypedJson json;
  private final SerializedAttributes serialized;
  private final Fallback fallback;
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  /**
   * @param types what may be read by Java, where that is the fallback
   */
  public AttributeCodec(TypedJson json, AllowedTypes types, Fallback fallback, ClassLoader loader) {
    this.json = json;
    this.serialized = new SerializedAttributes(types, loader);
    this.fallback = fallback;
  }

  /**
   * The JSON of an attribute; null for an exception that cannot be stored. Spring Security keeps
   * there why somebody could not log in, and it is no reason to fail that his browser cannot be
   * told later. An exception is not serialized by Java: it may hold a password.
   *
   * @throws HowdahException with {@link ErrorCode#CODEC} naming the attribute, when another one
   *     cannot be stored
   */
  @Nullable String encode(String name, Object value) {
    try {
      return json.write(value);
    } catch (HowdahException e) {
      if (value instanceof Throwable) {
        if (isNews(name)) {
          LOG.warn(
              "the attribute '{}' of a session is an exception that cannot be stored, and left out"
                  + " ({}); said once",
              name,
              e.getMessage());
        }
        return null;
      }
      if (fallback == Fallback.JAVA) {
        return serialize(name, value);
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

  private String serialize(String name, Object value) {
    try {
      return "{\"" + JAVA + "\":\"" + serialized.write(value) + "\"}";
    } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError e) {
      throw new HowdahException(
          ErrorCode.CODEC,
          "the attribute '" + name + "' of a session can neither be JSON nor be serialized: " + e,
          e);
    }
  }

  /** An attribute; null where it cannot be read. */
  @Nullable Object decode(String name, JsonNode stored) {
    JsonNode java = stored.isObject() ? stored.get(JAVA) : null;
    if (java != null && fallback != Fallback.JAVA) {
      absent(name, "serialized by Java", "howdah.session.fallback is not java");
      return null;
    }
    try {
      return java == null ? json.read(stored) : serialized.read(java.stringValue());
    } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError e) {
      absent(
          name, java == null ? TypedJson.named(stored) : "serialized by Java", TypedJson.said(e));
      return null;
    }
  }

  private void absent(String name, String kind, String why) {
    if (isNews(name)) {
      LOG.warn(
          "the attribute '{}' of a session, {}, cannot be read, and counts as absent: {}; said"
              + " once",
          name,
          kind,
          why);
    }
  }

  private boolean isNews(String name) {
    return said.size() < MOST_SAID && said.add(name);
  }

  /** The attributes of a session; none where not even their names can be read. */
  JsonNode tree(String data) {
    try {
      return json.tree(data);
    } catch (RuntimeException e) {
      // Postgres holds what Jackson does not read, such as numbers of a thousand digits.
      if (isNews("*")) {
        LOG.warn(
            "the attributes of a session cannot be read, and count as absent: {}; said once",
            TypedJson.said(e));
      }
      return json.tree("{}");
    }
  }
}
