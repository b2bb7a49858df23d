package io.howdah.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.kv.NamespaceSettings;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import java.io.Serializable;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Properties, names, and the forms of keys and values. */
@Timeout(120)
class SettingsTest extends HowdahTest {
  record Point(int x, int y) implements Serializable {}

  record Secret(String text) implements Serializable {}

  private static <V> HowdahConfiguration<Object, V> of(Class<V> values) {
    HowdahConfiguration<Object, V> configuration = new HowdahConfiguration<>();
    configuration.setTypes(Object.class, values);
    return configuration;
  }

  @Test
  void keysOfEveryKindComeBack() {
    List<Object> keys = new ArrayList<>();
    keys.addAll(List.of("", "plain", "größe", "i:1", "nul\0", "half \ud800", "long".repeat(600)));
    keys.addAll(List.of(1, -1L, new UUID(1, 2), LocalDate.of(2024, 2, 29), new Date(5), 'c', 1.5));
    keys.addAll(List.of(EnumSet.of(DayOfWeek.MONDAY), Map.of("a", 1), Set.of(), List.of("a", 1)));
    keys.addAll(List.of(new Point(1, 2), new Secret("long".repeat(600))));
    try (CacheManager manager =
        Managers.on(howdah, ManagerSettings.ALLOWED_CLASSES, "io.howdah.jcache.SettingsTest$*")) {
      Cache<Object, Integer> cache = manager.createCache("keys", of(Integer.class));
      for (int i = 0; i < keys.size(); i++) {
        cache.put(keys.get(i), i);
      }
      Set<Object> found = new HashSet<>();
      cache.forEach(entry -> {
        found.add(entry.getKey());
        assertThat(keys.get(entry.getValue())).isEqualTo(entry.getKey());
      });
      assertThat(found).hasSameElementsAs(keys);
      assertThat(cache.getAll(new HashSet<>(keys))).hasSize(keys.size());
      // the same number, but not the same key
      assertThat(cache.containsKey(1L)).isFalse();
      cache.removeAll(new HashSet<>(keys));
      assertThat(cache.iterator().hasNext()).isFalse();
    }
  }

  @Test
  void stringsAndNumbersAreReadableInSql() {
    try (CacheManager manager = Managers.on(howdah)) {
      Cache<Object, Integer> cache = manager.createCache("readable", of(Integer.class));
      cache.put("name", 1);
      cache.put(7, 1);
      assertThat(
              sql("SELECT key FROM $.kv_ephemeral WHERE namespace = 'jcache:readable' ORDER BY 1"))
          .containsExactly("i:7", "s:name");
    }
  }

  @Test
  void classThatNobodyHasAllowedIsNeitherWrittenNorRead() {
    try (CacheManager trusting =
            Managers.on(howdah, ManagerSettings.ALLOWED_CLASSES, "io.howdah.jcache.*");
        CacheManager careful = Managers.on(howdah)) {
      Cache<Object, Object> open = trusting.createCache("classes", of(Object.class));
      Cache<Object, Object> narrow = careful.createCache("classes", of(Object.class));
      assertThatThrownBy(() -> narrow.put("k", new Point(1, 2)))
          .isInstanceOf(CacheException.class)
          .hasMessageContaining("SettingsTest$Point is not allowed")
          .hasMessageContaining("howdah.jcache.allowedClasses");
      open.put("k", new ArrayList<>(List.of(new Point(1, 2))));
      assertThat(open.get("k")).isEqualTo(List.of(new Point(1, 2)));
      assertThatThrownBy(() -> narrow.get("k"))
          .isInstanceOf(CacheException.class)
          .hasMessageContaining("SettingsTest$Point is not allowed");
    }
  }

  @Test
  void configuredTypesAreAllowed() {
    try (CacheManager manager = Managers.on(howdah)) {
      Cache<Object, Point> cache = manager.createCache("configured", of(Point.class));
      cache.put("k", new Point(1, 2));
      assertThat(cache.get("k")).isEqualTo(new Point(1, 2));
    }
  }

  @Test
  void jsonIsStoredWhereTheConfigurationSaysSo() {
    try (CacheManager manager = Managers.on(howdah, ManagerSettings.SERIALIZER, "json")) {
      Cache<Object, Point> cache = manager.createCache("json", of(Point.class));
      cache.put("k", new Point(1, 2));
      assertThat(cache.get("k")).isEqualTo(new Point(1, 2));
      assertThat(
              sql(
                  "SELECT convert_from(substr(bytes, 6), 'UTF8') FROM $.kv_ephemeral WHERE namespace = 'jcache:json'"))
          .containsExactly("{\"x\":1,\"y\":2}");
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void durabilityIsThatOfTheConfigurationOrElseOfTheManager(Durability durability) {
    String name = durability.name().toLowerCase(Locale.ROOT);
    try (CacheManager manager = Managers.on(howdah, ManagerSettings.DURABILITY, name)) {
      manager.createCache("m-" + name, new MutableConfiguration<>()).put("k", 1);
      manager.createCache("c-" + name, of(Object.class).setDurability(Durability.RELAXED));
    }
    String query = "SELECT durability FROM $.namespace WHERE name = 'jcache:' || ?";
    assertThat(sql(query, "m-" + name)).containsExactly(name);
    assertThat(sql(query, "c-" + name)).containsExactly("relaxed");
    String table = durability == Durability.EPHEMERAL ? "kv_ephemeral" : "kv_durable";
    assertThat(sql("SELECT key FROM $." + table + " WHERE namespace = 'jcache:' || ?", "m-" + name))
        .hasSize(1);
  }

  @Test
  void durabilityLeavesTheOtherSettingsOfANamespace() {
    howdah
        .namespaces()
        .create("jcache:bounded", NamespaceSettings.of(Durability.DURABLE).withMaxEntries(1_000));
    try (CacheManager manager = Managers.on(howdah, ManagerSettings.DURABILITY, "durable")) {
      manager.createCache("bounded", new MutableConfiguration<>()).put("k", 1);
    }
    assertThat(
            sql(
                "SELECT durability || ' ' || max_entries FROM $.namespace WHERE name = 'jcache:bounded'"))
        .containsExactly("durable 1000");
  }

  @Test
  void longNameIsShortenedAndStaysDifferent() {
    String long1 = "com.acme." + "shop.".repeat(20) + "Carts";
    assertThat(HowdahCacheManager.namespace("short")).isEqualTo("jcache:short");
    assertThat(HowdahCacheManager.namespace(long1))
        .hasSize(64)
        .startsWith("jcache:com.acme.shop.")
        .isNotEqualTo(HowdahCacheManager.namespace(long1 + "2"));
    try (CacheManager manager = Managers.on(howdah)) {
      Cache<Object, Integer> cache = manager.createCache("ü".repeat(60), of(Integer.class));
      cache.put("k", 1);
      assertThat(cache.get("k")).isEqualTo(1);
    }
  }

  @Test
  void managerOpensTheDatabaseOfItsUri() {
    Properties properties = new Properties();
    properties.setProperty(ManagerSettings.SCHEMA, schema);
    HowdahCachingProvider provider = new HowdahCachingProvider();
    URI uri = URI.create(TestPostgres.url());
    CacheManager manager = provider.getCacheManager(uri, null, properties);
    Cache<Object, Integer> cache = manager.createCache("uri", of(Integer.class));
    cache.put("k", 1);
    assertThat(howdah.kv("jcache:uri", Stored.CODEC).exists("s:k")).isTrue();
    assertThat(manager.unwrap(Howdah.class)).isNotSameAs(howdah);
    provider.close();
    assertThat(manager.isClosed()).isTrue();
    assertThatThrownBy(() -> cache.get("k")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void loginIsThatOfTheUrlOrElseOfTheProperties() {
    String withUser = TestPostgres.url();
    String without = withUser.replaceFirst("user=[^&]*&?", "");
    assertThat(without).isNotEqualTo(withUser);
    assertThat(isOpened(withUser, "nobody-known")).isTrue();
    assertThat(isOpened(without, "nobody-known")).isFalse();
    assertThat(isOpened(without, "postgres")).isTrue();
  }

  private boolean isOpened(String url, String user) {
    Properties properties = new Properties();
    properties.setProperty(ManagerSettings.URL, url);
    properties.setProperty(ManagerSettings.USER, user);
    properties.setProperty(ManagerSettings.SCHEMA, schema);
    try (CacheManager manager =
        new HowdahCachingProvider().getCacheManager(URI.create("test:login"), null, properties)) {
      return manager.createCache("login", of(Integer.class)).getName().equals("login");
    } catch (CacheException e) {
      return false;
    }
  }

  @Test
  void keyThatNoCacheHasWrittenIsRefused() {
    howdah
        .kv("jcache:foreign", Stored.CODEC)
        .setAll(
            Map.of(
                "i:one", Stored.PLACEHOLDER,
                "#:00", Stored.PLACEHOLDER,
                "text", Stored.PLACEHOLDER),
            null);
    try (CacheManager manager = Managers.on(howdah)) {
      Cache<Object, Integer> cache = manager.createCache("foreign", of(Integer.class));
      for (String key : List.of("#:00", "i:one", "text")) {
        assertThatThrownBy(() -> cache.iterator().next())
            .isInstanceOf(CacheException.class)
            .hasMessageContaining("has not written");
        howdah.kv("jcache:foreign", Stored.CODEC).delete(key);
      }
    }
  }

  @Test
  void givenHowdahStaysOpen() {
    try (CacheManager manager = Managers.on(howdah)) {
      assertThat(manager.unwrap(Howdah.class)).isSameAs(howdah);
    }
    assertThat(howdah.kv("open", Integer.class).exists("k")).isFalse();
  }

  @Test
  void passwordInTheUriIsRefusedAndNotRepeated() {
    URI uri = URI.create("jdbc:postgresql://localhost/app?user=ann&password=hunter2");
    assertThatThrownBy(() -> new HowdahCachingProvider().getCacheManager(uri, null))
        .isInstanceOf(CacheException.class)
        .hasMessageContaining("howdah.password")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void settingThatIsNoneIsRefused() {
    assertThatThrownBy(() -> Managers.on(howdah, ManagerSettings.DURABILITY, "forever"))
        .isInstanceOf(CacheException.class)
        .hasMessageContaining("forever");
    assertThatThrownBy(() -> Managers.on(howdah, ManagerSettings.SERIALIZER, "com.acme.None"))
        .isInstanceOf(CacheException.class)
        .hasMessageContaining("com.acme.None");
    try (CacheManager manager = Managers.on(howdah)) {
      assertThatThrownBy(
              () -> manager.createCache("c", new MutableConfiguration<>().setStoreByValue(false)))
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }
}
