package io.howdah.flag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.testing.HowdahTest;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, in Java before the database, and in SQL: the same, by the same names. */
class FlagInputTest extends HowdahTest {

  private static String repeated(String text, int times) {
    return text.repeat(times);
  }

  private static String list(String entry, int times) {
    return "[" + repeated(entry + ",", times - 1) + entry + "]";
  }

  static Stream<List<String>> badDefinitions() {
    return Stream.of(
        List.of("definition", "[]"),
        List.of("definition", "null"),
        List.of("definition", "1"),
        List.of("definition", "{\"enable\":true}"),
        List.of("definition", "{\"metadata\":{\"a\":\"" + repeated("x", 262_144) + "\"}}"),
        List.of(
            "definition", "{\"metadata\":{\"a\":" + repeated("[", 32) + repeated("]", 32) + "}}"),
        List.of("definition", "{\"metadata\":{\"a\":1e100}}"),
        List.of("definition", "{\"metadata\":{\"a\":-1e100}}"),
        List.of("definition", "{\"metadata\":{\"a\":1e-101}}"),
        List.of("definition.enabled", "{\"enabled\":1}"),
        List.of("definition.archived", "{\"archived\":\"true\"}"),
        List.of("definition.rollout_percentage", "{\"rollout_percentage\":-0.01}"),
        List.of("definition.rollout_percentage", "{\"rollout_percentage\":100.01}"),
        List.of("definition.rollout_percentage", "{\"rollout_percentage\":12.345}"),
        List.of("definition.rollout_percentage", "{\"rollout_percentage\":\"12\"}"),
        List.of("definition.allowed_user_ids", "{\"allowed_user_ids\":\"42\"}"),
        List.of("definition.allowed_user_ids", "{\"allowed_user_ids\":" + list("1", 10_001) + "}"),
        List.of("definition.allowed_user_ids[1]", "{\"allowed_user_ids\":[1,1.5]}"),
        List.of("definition.allowed_user_ids[0]", "{\"allowed_user_ids\":[\"\"]}"),
        List.of("definition.allowed_user_ids[0]", "{\"allowed_user_ids\":[null]}"),
        List.of(
            "definition.allowed_user_ids[0]",
            "{\"allowed_user_ids\":[\"" + repeated("x", 1_025) + "\"]}"),
        List.of("definition.allowed_groups[0]", "{\"allowed_groups\":[1]}"),
        List.of("definition.allowed_groups", "{\"allowed_groups\":" + list("\"g\"", 1_001) + "}"),
        List.of(
            "definition.allowed_groups[0]",
            "{\"allowed_groups\":[\"" + repeated("x", 257) + "\"]}"),
        List.of("definition.conditions", "{\"conditions\":{}}"),
        List.of("definition.conditions", "{\"conditions\":" + list("{}", 51) + "}"),
        List.of("definition.conditions[0]", "{\"conditions\":[1]}"),
        List.of("definition.conditions[0]", condition("a", "equals", "1,\"x\":1")),
        List.of("definition.conditions[0].operator", condition("a", "like", "1")),
        List.of("definition.conditions[0].attribute", condition("", "equals", "1")),
        List.of("definition.conditions[0].attribute", condition(repeated("x", 129), "equals", "1")),
        List.of("definition.conditions[0].value", condition("a", "equals", "null")),
        List.of("definition.conditions[0].value", condition("a", "equals", "[]")),
        List.of("definition.conditions[0].value", condition("a", "in", "1")),
        List.of("definition.conditions[0].value", condition("a", "in", "[]")),
        List.of("definition.conditions[0].value", condition("a", "in", "[{}]")),
        List.of("definition.conditions[0].value", condition("a", "in", list("1", 1_001))),
        List.of("definition.conditions[0].value", condition("a", "starts_with", "1")),
        List.of("definition.conditions[0].value", condition("a", "at_least", "\"1\"")),
        List.of(
            "definition.conditions[0].value",
            condition("a", "equals", "\"" + repeated("x", 4_097) + "\"")),
        List.of("definition.conditions[0].not", condition("a", "equals", "1,\"not\":1")),
        List.of("definition.variants", "{\"variants\":1}"),
        List.of("definition.variants", "{\"variants\":" + list("{}", 51) + "}"),
        List.of("definition.variants[0]", "{\"variants\":[\"a\"]}"),
        List.of("definition.variants[0].name", "{\"variants\":[{\"value\":1}]}"),
        List.of("definition.variants[0].value", "{\"variants\":[{\"name\":\"a\"}]}"),
        List.of(
            "definition.variants[0].weight",
            "{\"variants\":[{\"name\":\"a\",\"value\":1,\"weight\":-1}]}"),
        List.of(
            "definition.variants[0].weight",
            "{\"variants\":[{\"name\":\"a\",\"value\":1,\"weight\":0.5}]}"),
        List.of(
            "definition.variants[0].weight",
            "{\"variants\":[{\"name\":\"a\",\"value\":1,\"weight\":10001}]}"),
        List.of(
            "definition.variants", "{\"variants\":[{\"name\":\"a\",\"value\":1,\"weight\":0}]}"),
        List.of(
            "definition.variants",
            "{\"variants\":[{\"name\":\"a\",\"value\":1},{\"name\":\"a\",\"value\":2}]}"),
        List.of(
            "definition.variants",
            "{\"variants\":[{\"name\":\"a\",\"value\":1},{\"name\":\"b\",\"value\":\"2\"}]}"),
        List.of("definition.off_variant", "{\"off_variant\":\"a\"}"),
        List.of("definition.off_variant", "{\"off_variant\":1}"),
        List.of("definition.starts_at", "{\"starts_at\":\"tomorrow\"}"),
        List.of("definition.starts_at", "{\"starts_at\":\"2026-01-01T00:00:00\"}"),
        List.of("definition.starts_at", "{\"starts_at\":\"2026-02-30T00:00:00Z\"}"),
        List.of("definition.starts_at", "{\"starts_at\":\"2999-12-31T23:59:59-05:00\"}"),
        List.of("definition.starts_at", "{\"starts_at\":1}"),
        List.of(
            "definition.ends_at",
            "{\"starts_at\":\"2026-01-01T00:00:00Z\",\"ends_at\":\"2026-01-01T01:00:00+01:00\"}"),
        List.of("definition.metadata", "{\"metadata\":[]}"));
  }

  private static String condition(String attribute, String operator, String value) {
    return "{\"conditions\":[{\"attribute\":\""
        + attribute
        + "\",\"operator\":\""
        + operator
        + "\",\"value\":"
        + value
        + "}]}";
  }

  @ParameterizedTest
  @MethodSource("badDefinitions")
  void badDefinitionIsRefusedInBothLanguages(List<String> bad) throws SQLException {
    assertThatThrownBy(() -> FlagDefinition.fromJson(bad.get(1)))
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            e -> {
              assertThat(e.argument()).isEqualTo(bad.get(0));
              assertThat(e).hasMessageStartingWith(bad.get(0) + ": ");
              assertThat(e.getMessage()).hasSizeLessThan(400);
            });
    try (Connection connection = connect();
        PreparedStatement set =
            connection.prepareStatement(
                "SELECT " + schema + ".flag_set('bad', ?::jsonb, 'ann', NULL)")) {
      set.setString(1, bad.get(1));
      assertThatThrownBy(set::execute)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"))
          .hasMessageContaining(bad.get(0) + ": ");
    }
    assertThat(sql("SELECT count(*) FROM $.flag WHERE name = 'bad'")).containsExactly("0");
  }

  /** What Java takes SQL takes, and both store the same. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"enabled\":null,\"variants\":null,\"conditions\":null,\"metadata\":null,\"off_variant\":null}",
        "{\"enabled\":true,\"rollout_percentage\":12.50,\"allowed_user_ids\":[42,\"a\",1e2,-7],\"allowed_groups\":[\"ü\"]}",
        "{\"rollout_percentage\":0.00}",
        "{\"rollout_percentage\":1e2}",
        "{\"rollout_percentage\":0.01}",
        "{\"starts_at\":\"2026-03-01T09:00:00.5+01:00\",\"ends_at\":\"2999-12-31T23:59:59Z\"}",
        "{\"starts_at\":\"1000-01-01T00:00:00Z\"}",
        "{\"variants\":[{\"name\":\"a\",\"value\":{\"x\":[1.50,null]},\"weight\":2.0},{\"name\":\"b\",\"value\":[]}],\"off_variant\":\"b\"}",
        "{\"conditions\":[{\"attribute\":\"a\",\"operator\":\"in\",\"value\":[1,\"x\",true]},"
            + "{\"attribute\":\"b\",\"operator\":\"less_than\",\"value\":-1.50,\"not\":true}]}",
        "{\"metadata\":{\"owner\":\"checkout team\",\"n\":1e99}}",
      })
  void definitionBecomesTheSameInBothLanguages(String json) {
    String ours = FlagDefinition.fromJson(json).toJson();
    assertThat(sql("SELECT $._flag_definition(?::jsonb) = ?::jsonb", json, ours))
        .containsExactly("t");
    String theirs = sql("SELECT $._flag_definition(?::jsonb)", json).get(0);
    assertThat(FlagDefinition.fromJson(theirs)).isEqualTo(FlagDefinition.fromJson(json));
    assertThat(sql("SELECT $._flag_definition(d) = d FROM (SELECT ?::jsonb AS d) AS x", theirs))
        .as("it is in its final form")
        .containsExactly("t");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "a:b", ".a", "-a", "a b", "ü", "a\n", "a/b"})
  void badNameIsRefused(String name) {
    FlagDefinition definition = FlagDefinition.builder().build();
    assertArgument("name", () -> howdah.flags().set(name, definition, "ann", "why"));
    assertArgument("name", () -> howdah.flags().delete(name, "ann", "why"));
    assertArgument("name", () -> howdah.flags().get(name));
    assertArgument("name", () -> howdah.flags().history(name));
    assertArgument("name", () -> definition.evaluate(name, FlagSubject.user(1), Instant.EPOCH));
    assertThatThrownBy(() -> sql("SELECT $.flag_set(?, '{}', 'ann', 'why')", name))
        .hasMessageContaining("name: 1 to 128 of");
    assertThatThrownBy(() -> sql("SELECT $.flag_delete(?, 'ann', 'why')", name))
        .hasMessageContaining("name: 1 to 128 of");
    assertThat(howdah.flags().isEnabled(name, FlagSubject.user(1))).isFalse();
    assertThat(sql("SELECT $.flag_enabled(?, '1')", name)).containsExactly("f");
  }

  @Test
  void whoAndWhyHaveLimits() {
    FlagDefinition definition = FlagDefinition.builder().build();
    Flags flags = howdah.flags();
    assertArgument("changedBy", () -> flags.set("f", definition, "", "why"));
    assertArgument("changedBy", () -> flags.delete("f", "x".repeat(257), "why"));
    assertArgument("reason", () -> flags.set("f", definition, "ann", "x".repeat(4_097)));
    assertArgument("reason", () -> flags.set("f", definition, "ann", "\0"));
    assertThatThrownBy(() -> sql("SELECT $.flag_set('f', '{}', NULL, NULL)"))
        .hasMessageContaining("changed_by: 1 to 256 bytes expected, got NULL");
    assertThatThrownBy(() -> sql("SELECT $.flag_set('f', '{}', 'ann', repeat('x', 4097))"))
        .hasMessageContaining("reason: at most 4096 bytes expected, got 4097");
    assertThatThrownBy(() -> sql("SELECT $.flag_set(NULL, '{}', 'ann', NULL)"))
        .hasMessageContaining("name: 1 to 128 of");
    assertThatThrownBy(() -> sql("SELECT $.flag_set('f', NULL, 'ann', NULL)"))
        .hasMessageContaining("definition: a JSON object expected, got NULL");
  }

  @Test
  void badSubjectIsRefused() {
    FlagSubject subject = FlagSubject.user(1);
    assertArgument("userId", () -> FlagSubject.user(""));
    assertArgument("userId", () -> FlagSubject.user("x".repeat(1_025)));
    assertArgument("userId", () -> FlagSubject.user("\ud800"));
    assertArgument("group", () -> subject.inGroup(""));
    assertArgument("group", () -> subject.inGroup("x".repeat(257)));
    assertArgument("attribute", () -> subject.with("", "x"));
    assertArgument("attribute", () -> subject.with("x".repeat(129), "x"));
    assertArgument("a", () -> subject.with("a", "x".repeat(4_097)));
    assertArgument("a", () -> subject.with("a", Double.NaN));
    assertArgument("a", () -> subject.with("a", Double.POSITIVE_INFINITY));
    assertArgument("a", () -> subject.with("a", new BigDecimal("1e100")));
    assertArgument("a", () -> subject.with("a", new BigDecimal("1e-101")));
    assertArgument(
        "groups", () -> subject.inGroups(Stream.generate(() -> "g").limit(1_001).toList()));
    FlagSubject full = subject;
    for (int i = 0; i < 200; i++) {
      full = full.with("a" + i, i);
    }
    FlagSubject last = full;
    assertArgument("attribute", () -> last.with("one-more", 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "[]",
        "{\"user\":1}",
        "{\"user_id\":\"\"}",
        "{\"user_id\":1.5}",
        "{\"user_id\":[1]}",
        "{\"groups\":1}",
        "{\"groups\":[1]}",
        "{\"attributes\":[]}",
        "{\"attributes\":{\"\":1}}",
        "{\"attributes\":{\"a\":[]}}",
        "{\"attributes\":{\"a\":{}}}",
      })
  void badContextIsRefused(String context) {
    assertThatThrownBy(() -> FlagSubject.fromJson(context))
        .isInstanceOf(InvalidArgumentException.class);
    for (String function : List.of("flag_evaluate", "flag_explain")) {
      assertThatThrownBy(() -> sql("SELECT * FROM $." + function + "('f', ?::jsonb)", context))
          .as(function)
          .hasMessageContaining("context");
    }
  }

  @Test
  void builderSaysWhatIsWrong() {
    assertArgument(
        "definition.rollout_percentage",
        () -> FlagDefinition.builder().rolloutPercentage(101).build());
    assertArgument(
        "rolloutPercentage", () -> FlagDefinition.builder().rolloutPercentage(Double.NaN));
    assertArgument(
        "definition.off_variant", () -> FlagDefinition.builder().offVariant("x").build());
    assertArgument(
        "value", () -> FlagDefinition.builder().variant("a", new Unwritable(), 1).build());
    assertArgument(
        "definition", () -> FlagDefinition.fromJson("{\"enabled\":true,\"enabled\":false}"));
  }

  /** No JSON can be made of it. */
  static final class Unwritable {
    public Unwritable getSelf() {
      return this;
    }
  }

  private static void assertArgument(
      String argument, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidArgumentException.class, e -> assertThat(e.argument()).isEqualTo(argument))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }
}
