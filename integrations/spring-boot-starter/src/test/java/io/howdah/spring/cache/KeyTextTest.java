package io.howdah.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.spring.json.AllowedTypes;
import io.howdah.spring.json.TypedJson;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.cache.interceptor.SimpleKey;

class KeyTextTest {
  record Isbn(String value) {}

  enum Colour {
    RED
  }

  private final KeyText keys =
      new KeyText(
          new TypedJson(
              AllowedTypes.of(List.of("io.howdah.spring.cache")),
              getClass().getClassLoader(),
              List.of()));

  @Test
  void textIsItselfSoThatSqlFindsIt() {
    assertThat(keys.of("q3")).isEqualTo("q3");
    assertThat(keys.of("käse")).isEqualTo("käse");
  }

  @Test
  void differentKeysHaveDifferentTexts() {
    List<Object> all =
        List.of(
            "5",
            5,
            5L,
            "~i:5",
            "",
            "RED",
            Colour.RED,
            "a,b",
            new SimpleKey("a", "b"),
            new SimpleKey("a,b"),
            new SimpleKey("a", "b", null),
            new SimpleKey("ab", ""),
            new SimpleKey((Object) new Object[] {"a", "b"}),
            SimpleKey.EMPTY,
            List.of("a", "b"),
            new Isbn("5"),
            "a".repeat(2_000),
            "a".repeat(2_001),
            new UUID(0, 5),
            new UUID(0, 5).toString(),
            "a\0",
            "\ud800",
            "\udbff",
            "\ud800\0",
            "\udbff\0");
    Set<String> texts = new HashSet<>();
    for (Object key : all) {
      String text = keys.of(key);
      assertThat(texts.add(text)).as("%s", key).isTrue();
      assertThat(text).hasSizeBetween(1, 1_024).doesNotContain("\0");
    }
  }

  @Test
  void equalKeysHaveOneText() {
    assertThat(keys.of(new SimpleKey("a", 1))).isEqualTo(keys.of(new SimpleKey("a", 1)));
    assertThat(keys.of(new Isbn("5"))).isEqualTo(keys.of(new Isbn("5")));
  }

  @Test
  void keyWithoutAnOrderIsRefused() {
    assertThatThrownBy(() -> keys.of(Set.of("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("make a text of it");
  }
}
