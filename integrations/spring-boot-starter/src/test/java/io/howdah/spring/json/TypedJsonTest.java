package io.howdah.spring.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.HowdahException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.web.servlet.FlashMap;

class TypedJsonTest {
  record Item(String name, Object extra) {}

  record Cart(String owner, List<Item> items) {}

  enum Colour {
    RED
  }

  private final TypedJson json = json("io.howdah.spring.json");

  private TypedJson json(String... allowed) {
    return new TypedJson(AllowedTypes.of(List.of(allowed)), getClass().getClassLoader(), List.of());
  }

  static List<Object> values() {
    return List.of(
        "text",
        true,
        1,
        1L,
        1.5,
        1E10,
        new BigDecimal("1.10"),
        Instant.parse("2026-01-01T00:00:00.123456789Z"),
        LocalDate.of(2026, 1, 1),
        Duration.ofSeconds(5),
        ZoneId.of("Europe/Berlin"),
        new UUID(1, 2),
        Locale.GERMANY,
        Colour.RED,
        new Cart("ann", List.of(new Item("rug", 5L), new Item("mat", Colour.RED))),
        List.of(1L, "a"),
        new ArrayList<>(List.of(new Item("rug", 1))),
        Map.of("a", new Item("rug", 1)),
        new TreeMap<>(Map.of("a", 1L)),
        Set.of(1L));
  }

  @ParameterizedTest
  @MethodSource("values")
  void valueIsReadAgainAsItWas(Object value) {
    Object read = json.read(json.write(value));
    assertThat(read).isEqualTo(value);
    if (!(value instanceof Collection || value instanceof Map)) {
      assertThat(read).hasSameClassAs(value);
    }
  }

  @Test
  void whatWouldBeReadAsAnotherClassIsRefused() {
    assertThatThrownBy(() -> json.write(Optional.of("x")))
        .isInstanceOf(HowdahException.class)
        .hasMessageContaining("java.util.Optional would be read again as one of java.lang.String");
  }

  @Test
  void wholeDoublesStayDoublesWhenPostgresRewritesThem() {
    assertThat(json.read(json.write(1E10).replace("1.0E10", "10000000000"))).isEqualTo(1E10);
  }

  @Test
  void typesThatAreNotAllowedAreNeitherWrittenNorRead() {
    String cart = json.write(new Cart("ann", List.of()));
    TypedJson other = json("com.acme");
    assertThatThrownBy(() -> other.read(cart)).hasMessageContaining("Cart");
    assertThatThrownBy(() -> other.write(new Cart("ann", List.of())))
        .isInstanceOf(HowdahException.class)
        .hasMessageContaining("cannot be read again");
    assertThatThrownBy(() -> json.read("[\"java.util.logging.FileHandler\",{}]"))
        .hasMessageContaining("FileHandler");
    assertThatThrownBy(() -> json.read("[\"javax.script.ScriptEngineManager\",{}]"))
        .hasMessageContaining("ScriptEngineManager");
  }

  @Test
  void packageIsNoPrefixOfAnother() {
    AllowedTypes types = AllowedTypes.of(List.of("io.howdah.spring.js"));
    assertThat(types.test(Cart.class)).isFalse();
    assertThat(AllowedTypes.of(List.of("io.howdah")).test(Cart[].class)).isTrue();
    assertThat(AllowedTypes.of(List.of(Cart.class.getName())).test(Cart.class)).isTrue();
  }

  @Test
  void contextOfSpringSecurityIsReadAgain() {
    User ann = new User("ann", "secret", AuthorityUtils.createAuthorityList("ROLE_USER"));
    ann.eraseCredentials();
    SecurityContextImpl context =
        new SecurityContextImpl(
            UsernamePasswordAuthenticationToken.authenticated(ann, null, ann.getAuthorities()));
    assertThat(json.read(json.write(context))).isEqualTo(context);
  }

  @Test
  void flashAttributesKnowTheirRequestStill() {
    FlashMap flash = new FlashMap();
    flash.put("message", "saved");
    flash.put("item", new Item("rug", 1L));
    flash.setTargetRequestPath("/items");
    flash.addTargetRequestParam("page", "2");
    flash.startExpirationPeriod(180);
    List<FlashMap> maps = new java.util.concurrent.CopyOnWriteArrayList<>(List.of(flash));
    Object read = json.read(json.write(maps));
    assertThat(read).isEqualTo(maps);
    FlashMap again = (FlashMap) ((List<?>) java.util.Objects.requireNonNull(read)).get(0);
    assertThat(again.getTargetRequestPath()).isEqualTo("/items");
    assertThat(again.getTargetRequestParams()).isEqualTo(flash.getTargetRequestParams());
    assertThat(again.getExpirationTime()).isEqualTo(flash.getExpirationTime());
  }
}
