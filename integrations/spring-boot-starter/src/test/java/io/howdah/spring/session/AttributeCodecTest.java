package io.howdah.spring.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.howdah.HowdahException;
import io.howdah.spring.json.AllowedTypes;
import io.howdah.spring.json.TypedJson;
import io.howdah.spring.session.HowdahSessionProperties.Fallback;
import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.web.servlet.FlashMap;
import tools.jackson.databind.json.JsonMapper;

class AttributeCodecTest {
  enum Size {
    S,
    L
  }

  /** No JSON comes back from it as it was. */
  static final class Old implements Serializable {
    private static final long serialVersionUID = 1;
    private final Object secret;

    Old(Object secret) {
      this.secret = secret;
    }

    Object secret() {
      return secret;
    }
  }

  /** A failure that has no message alone. */
  static final class OddException extends AuthenticationException {
    private static final long serialVersionUID = 1;

    OddException(int code) {
      super("code " + code);
    }
  }

  private static AttributeCodec codec(Fallback fallback) {
    AllowedTypes types = AllowedTypes.of(List.of("io.howdah.spring.session"));
    ClassLoader loader = Objects.requireNonNull(AttributeCodecTest.class.getClassLoader());
    return new AttributeCodec(new TypedJson(types, loader, List.of()), types, fallback, loader);
  }

  private static @Nullable Object again(AttributeCodec codec, Object value) {
    String json = Objects.requireNonNull(codec.encode("a", value));
    return codec.decode("a", JsonMapper.shared().readTree(json));
  }

  static List<Object> values() {
    FlashMap flash = new FlashMap();
    flash.put("message", "saved");
    flash.addTargetRequestParam("page", "2");
    User ann = new User("ann", "secret", AuthorityUtils.createAuthorityList("ROLE_USER"));
    return List.of(
        List.of(1, 2),
        Set.of("a"),
        Map.of("a", 1),
        Arrays.asList("a", "b"),
        new HashMap<>(Map.of("a", LocalDate.EPOCH)),
        new LinkedHashMap<>(Map.of(Instant.EPOCH, ZoneId.of("Europe/Berlin"))),
        new ConcurrentHashMap<>(Map.of("a", 1)),
        new CopyOnWriteArrayList<>(List.of("a")),
        new TreeMap<>(Map.of("a", 1)),
        caseless(),
        Collections.unmodifiableMap(new HashMap<>(Map.of("a", 1))),
        Collections.synchronizedList(new java.util.ArrayList<>(List.of("a"))),
        EnumSet.of(Size.L),
        new EnumMap<>(Map.of(Size.S, "s")),
        new java.util.AbstractMap.SimpleEntry<>("a", 1),
        Locale.GERMANY,
        new java.math.BigDecimal("1.10"),
        new SecurityContextImpl(
            UsernamePasswordAuthenticationToken.authenticated(ann, null, ann.getAuthorities())),
        flash);
  }

  private static TreeMap<String, Integer> caseless() {
    TreeMap<String, Integer> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    map.put("A", 1);
    return map;
  }

  @ParameterizedTest
  @MethodSource("values")
  void javaReadsWhatAllowedTypesAreMadeOf(Object value) {
    Object read = again(codec(Fallback.JAVA), new Old(value));
    assertThat(((Old) Objects.requireNonNull(read)).secret())
        .hasSameClassAs(value)
        .isEqualTo(value);
  }

  @Test
  void javaReadsNothingElse() {
    AttributeCodec codec = codec(Fallback.JAVA);
    for (Object refused :
        List.of(
            new Old(new java.io.File("/secret")),
            new Old(new java.io.File[0]),
            new Old(new java.util.ArrayList<>(List.of(new java.io.File("/")))),
            new Old((Runnable & Serializable) () -> {}))) {
      assertThatThrownBy(() -> codec.encode("a", refused))
          .isInstanceOf(HowdahException.class)
          .hasMessageContaining("'a'");
    }
  }

  @Test
  void exceptionThatCannotBeStoredIsLeftOut() {
    for (Fallback fallback : Fallback.values()) {
      assertThat(codec(fallback).encode("SPRING_SECURITY_LAST_EXCEPTION", new OddException(1)))
          .isNull();
    }
  }

  @Test
  void logNamesTheClassOfWhatCannotBeReadAndNothingOfIt() {
    Logger logger = (Logger) LoggerFactory.getLogger(AttributeCodec.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      AttributeCodec codec = codec(Fallback.NONE);
      for (String stored :
          List.of(
              "{\"@class\":\"java.util.UUID\",\"x\":\"secret\"}",
              "[\"java.util.UUID\",\"secret\"]",
              "[\"java.lang.Integer\",\"secret\"]",
              "{\"@class\":\"com.acme.Gone\",\"x\":\"secret\"}",
              "{\"@class\":\"secret\\nforged\"}",
              "{\"@java\":\"secret\"}")) {
        assertThat(codec.decode("a" + stored.length(), JsonMapper.shared().readTree(stored)))
            .isNull();
      }
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .hasSizeGreaterThanOrEqualTo(5)
        .allSatisfy(line -> {
          assertThat(line.getFormattedMessage()).doesNotContain("secret");
          assertThat(line.getThrowableProxy()).isNull();
        })
        .anySatisfy(line -> assertThat(line.getFormattedMessage()).contains("com.acme.Gone"))
        .anySatisfy(line -> assertThat(line.getFormattedMessage()).contains("java.util.UUID"));
  }
}
