package io.howdah.jcache;

import io.howdah.Durability;
import io.howdah.Howdah;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;
import javax.cache.CacheException;
import org.jspecify.annotations.Nullable;

/**
 * What the URI and the properties of a cache manager say, and the system's properties after them.
 */
final class ManagerSettings {
  static final String INSTANCE = "howdah.instance";
  static final String URL = "howdah.url";
  static final String USER = "howdah.user";
  static final String PASSWORD = "howdah.password";
  static final String SCHEMA = "howdah.schema";
  static final String DURABILITY = "howdah.jcache.durability";
  static final String ALLOWED_CLASSES = "howdah.jcache.allowedClasses";
  static final String SERIALIZER = "howdah.jcache.serializer";

  private static final Pattern PASSWORD_PARAMETER =
      Pattern.compile("[?&](password|sslpassword)=", Pattern.CASE_INSENSITIVE);

  private final URI uri;
  private final Properties properties;
  private final @Nullable Durability durability;
  private final @Nullable Serializer serializer;

  /**
   * @throws CacheException when they are not fit
   */
  ManagerSettings(URI uri, Properties properties, ClassLoader loader) {
    this.uri = uri;
    this.properties = properties;
    if (isDatabase() && PASSWORD_PARAMETER.matcher(uri.toString()).find()) {
      throw new CacheException(
          "the URI of a cache manager is shown in logs and in management: give the password as the property "
              + PASSWORD);
    }
    this.durability = durability(text(DURABILITY));
    this.serializer = serializer(loader);
  }

  private boolean isDatabase() {
    return uri.toString().startsWith("jdbc:");
  }

  private @Nullable String text(String name) {
    String given = properties.getProperty(name);
    return given == null ? System.getProperty(name) : given;
  }

  private static @Nullable Durability durability(@Nullable String name) {
    if (name == null) {
      return null;
    }
    try {
      return Durability.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new CacheException(
          DURABILITY
              + ": one of "
              + Arrays.toString(Durability.values()).toLowerCase(Locale.ROOT)
              + " expected, got "
              + name,
          e);
    }
  }

  private @Nullable Serializer serializer(ClassLoader loader) {
    if (properties.get(SERIALIZER) instanceof Serializer given) {
      return given;
    }
    String name = text(SERIALIZER);
    if (name == null || name.equals("java")) {
      return null;
    }
    if (name.equals("json")) {
      return new JsonSerializer();
    }
    try {
      return Class.forName(name, true, loader)
          .asSubclass(Serializer.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new CacheException(
          SERIALIZER + ": java, json or the class of a Serializer expected, got " + name, e);
    }
  }

  /** Null where nothing is said: then what is there stays, and what is not is ephemeral. */
  @Nullable Durability durability() {
    return durability;
  }

  /** Null for Java's serialization. */
  @Nullable Serializer serializer() {
    return serializer;
  }

  String allowedClasses() {
    String patterns = text(ALLOWED_CLASSES);
    return patterns == null ? "" : patterns;
  }

  /** The application's own Howdah, which stays open; null where it has given none. */
  @Nullable Howdah given() {
    Object instance = properties.get(INSTANCE);
    if (instance != null && !(instance instanceof Howdah)) {
      throw new CacheException(
          INSTANCE + ": an io.howdah.Howdah expected, got a " + instance.getClass().getName());
    }
    return (Howdah) instance;
  }

  /**
   * Opens one.
   *
   * @throws CacheException when no database is named
   */
  Howdah open() {
    String url = isDatabase() ? uri.toString() : text(URL);
    if (url == null) {
      throw new CacheException(
          "no database: give "
              + URL
              + " as a property of the cache manager or of the system, or a JDBC URL as its URI");
    }
    Howdah.Builder builder = Howdah.builder(withLogin(url));
    String schema = text(SCHEMA);
    return (schema == null ? builder : builder.schema(schema)).open();
  }

  private String withLogin(String url) {
    StringBuilder all = new StringBuilder(url);
    append(all, "user", text(USER));
    append(all, "password", text(PASSWORD));
    return all.toString();
  }

  private static void append(StringBuilder url, String parameter, @Nullable String value) {
    if (value != null
        && url.indexOf("?" + parameter + "=") < 0
        && url.indexOf("&" + parameter + "=") < 0) {
      url.append(url.indexOf("?") < 0 ? '?' : '&')
          .append(parameter)
          .append('=')
          .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }
}
