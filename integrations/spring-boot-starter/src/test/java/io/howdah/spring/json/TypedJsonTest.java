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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.OverridingClassLoader;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.CredentialsExpiredException;
import org.springframework.security.authentication.DisabledException;
import org.springframework.security.authentication.InternalAuthenticationServiceException;
import org.springframework.security.authentication.LockedException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.web.authentication.session.SessionAuthenticationException;
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

  /** As one was once stored. */
  record Renamed(@Nullable String label) {}

  @Test
  void classThatHasChangedIsNotReadWhereThatIsToBeExact() {
    String title = json.write(new Renamed("x")).replace("\"label\"", "\"title\"");
    assertThat(json.read(title)).isEqualTo(new Renamed(null));
    assertThatThrownBy(() -> json.exact().read(title))
        .satisfies(e -> assertThat(TypedJson.said(e)).contains("Renamed has no 'title'"));
  }

  record Counted(int count) {}

  @Test
  void primitiveThatIsMissingIsNotZero() {
    String none = json.write(new Counted(5)).replace(",\"count\":5", "");
    assertThat(none).doesNotContain("count");
    assertThatThrownBy(() -> json.exact().read(none)).hasMessageContaining("count");
  }

  record Basket(List<String> items) {
    public boolean isEmpty() {
      return items.isEmpty();
    }

    public int getSize() {
      return items.size();
    }
  }

  @Test
  void whatAClassWorksOutNeedNotBeRead() {
    String basket = json.exact().write(new Basket(List.of("rug")));
    assertThat(basket).contains("\"size\":1");
    assertThat(json.exact().read(basket)).isEqualTo(new Basket(List.of("rug")));
  }

  @Test
  void eachValueIsReadAgainWhateverOthersOfItsClassHeld() {
    assertThat(json.write(new Item("rug", 1L))).isNotEmpty();
    assertThatThrownBy(() -> json.write(new Item("rug", new java.io.File("/secret"))))
        .isInstanceOf(HowdahException.class)
        .hasMessageContaining("java.io.File")
        .hasMessageNotContaining("/secret");
  }

  static List<Object> failures() {
    return List.of(
        new LockedException("locked"),
        new DisabledException("disabled"),
        new CredentialsExpiredException("expired"),
        new BadCredentialsException("bad"),
        new InternalAuthenticationServiceException("down", new IllegalStateException("secret")),
        new SessionAuthenticationException("too many"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void failureOfALoginIsItsMessage(AuthenticationException failure) {
    failure.setAuthenticationRequest(
        UsernamePasswordAuthenticationToken.unauthenticated("ann", "secret"));
    String written = json.write(failure);
    assertThat(written).doesNotContain("secret");
    assertThat(json.read(written)).hasSameClassAs(failure).hasToString(failure.toString());
  }

  @Test
  void classesAreThoseOfTheGivenLoader() throws Exception {
    // As with the development tools, whose loader has the application's classes anew.
    ClassLoader anew =
        new OverridingClassLoader(getClass().getClassLoader()) {
          @Override
          protected boolean isEligibleForOverriding(String name) {
            return name.equals(Counted.class.getName());
          }
        };
    TypedJson json =
        new TypedJson(AllowedTypes.of(List.of("io.howdah.spring.json")), anew, List.of());
    Object read = json.read(this.json.write(new Counted(1)));
    assertThat(Objects.requireNonNull(read).getClass())
        .isSameAs(anew.loadClass(Counted.class.getName()));
  }
}
