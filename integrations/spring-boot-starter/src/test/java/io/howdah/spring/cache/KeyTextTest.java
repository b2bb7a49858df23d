package io.howdah.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.cache.interceptor.SimpleKey;

class KeyTextTest {
  record Isbn(String value) {}

  enum Colour {
    RED
  }

  record Query(String text, Object filter) {}

  /** Says of its parts what it likes. */
  static final class Range {
    private final int from;
    private final int to;

    Range(int from, int to) {
      this.from = from;
      this.to = to;
    }

    public boolean isEmpty() {
      return from >= to;
    }
  }

  @Test
  void textIsItselfSoThatSqlFindsIt() {
    assertThat(KeyText.of("q3")).isEqualTo("q3");
    assertThat(KeyText.of("käse")).isEqualTo("käse");
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
            new Range(1, 2),
            new Range(1, 3),
            new Query("a", EnumSet.of(Colour.RED)),
            new Query("a", new TreeMap<>(Map.of("a", 1))),
            new Query("a", List.of(1)),
            new Query("a", List.of(1L)),
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
      String text = KeyText.of(key);
      assertThat(texts.add(text)).as("%s", key).isTrue();
      assertThat(text).hasSizeBetween(1, 1_024).doesNotContain("\0");
    }
  }

  @Test
  void equalKeysHaveOneText() {
    assertThat(KeyText.of(new SimpleKey("a", 1))).isEqualTo(KeyText.of(new SimpleKey("a", 1)));
    assertThat(KeyText.of(new Isbn("5"))).isEqualTo(KeyText.of(new Isbn("5")));
  }

  @Test
  void keyWithoutAnOrderIsRefused() {
    assertThatThrownBy(() -> KeyText.of(Set.of("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("make a text of it");
  }

  @Test
  void keyThatHoldsSomethingWithoutAnOrderIsRefused() {
    for (Object filter :
        List.of(Set.of("a"), new HashSet<>(List.of(1)), Map.of("a", 1), List.of(Map.of("a", 1)))) {
      assertThatThrownBy(() -> KeyText.of(new Query("a", filter)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is in no order")
          .hasMessageContaining("make a text of it");
    }
  }
}
