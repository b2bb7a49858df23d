package io.howdah.flag;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.Subscription;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What flags promise to who uses them, in Java and in SQL. */
class FlagsTest extends HowdahTest {
  private static final FlagSubject ANN = FlagSubject.user("ann");

  private Flags flags;

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.flagPollInterval(Duration.ofHours(1));
  }

  @BeforeEach
  void none() {
    flags = howdah.flags();
    flags.list().forEach(flag -> flags.delete(flag.name(), "test", null));
  }

  private static FlagDefinition.Builder on() {
    return FlagDefinition.builder().enabled(true);
  }

  /** Nobody polls here: so it is the write that makes it seen. */
  @Test
  void ownChangeIsSeenAtOnce() {
    assertThat(flags.isEnabled("f", ANN)).isFalse();
    flags.set("f", on().build(), "ann", "try it");
    assertThat(flags.isEnabled("f", ANN)).isTrue();
    flags.set("f", FlagDefinition.builder().build(), "ann", "does not work");
    assertThat(flags.isEnabled("f", ANN)).isFalse();
    assertThat(flags.evaluate("f", ANN).reason()).isEqualTo(FlagReason.DISABLED);
    assertThat(flags.delete("f", "ann", null)).isTrue();
    assertThat(flags.evaluate("f", ANN).rule()).isEqualTo(FlagRule.FLAG_NOT_FOUND);
    assertThat(flags.delete("f", "ann", null)).isFalse();
  }

  @Test
  void absentFlagIsOffAndSaysSo() {
    FlagEvaluation<Boolean> evaluation = flags.evaluateBoolean("absent", true, ANN);
    assertThat(evaluation.value()).as("the caller's default").isTrue();
    assertThat(evaluation.reason()).isEqualTo(FlagReason.ERROR);
    assertThat(evaluation.variant()).isNull();
    assertThat(evaluation.details()).isEqualTo("there is no flag of this name");
    assertThat(flags.get("absent")).isEmpty();
    assertThat(flags.history("absent")).isEmpty();
    assertThat(sql("SELECT $.flag_enabled('absent', 'ann')")).containsExactly("f");
    assertThat(sql("SELECT $.flag_enabled(NULL, NULL, NULL)")).containsExactly("f");
    assertThat(sql("SELECT reason FROM $.flag_evaluate('absent', '{}')")).containsExactly("ERROR");
  }

  @Test
  void sqlEnabledIsAlwaysTrueOrFalse() {
    flags.set("f", on().allowUsers(42).allowGroups("beta").build(), "ann", null);
    assertThat(
            sql(
                "SELECT concat_ws(' ', $.flag_enabled('f', '42'), $.flag_enabled('f', '43'), $.flag_enabled('f', NULL),"
                    + " $.flag_enabled('f', ''), $.flag_enabled('f', '1', '{beta}'), $.flag_enabled('f', NULL, '{x,beta}'),"
                    + " $.flag_enabled('f', '1', NULL), $.flag_enabled('f', '1', ARRAY[NULL, '']))"))
        .containsExactly("t f f f t t f f");
  }

  @Test
  void valuesComeInTheirKind() {
    flags.set("text", on().variant("a", "blue", 1).offVariant("a").build(), "ann", "text");
    flags.set("number", on().variant("a", 1.5, 1).build(), "ann", null);
    flags.set("json", on().variant("a", Map.of("size", 3), 1).build(), "ann", null);
    flags.set("bool", on().variant("yes", true, 0).variant("no", false, 1).build(), "ann", null);
    assertThat(flags.evaluateString("text", "red", ANN).value()).isEqualTo("blue");
    assertThat(flags.evaluateNumber("number", 0, ANN).value()).isEqualTo(1.5);
    assertThat(flags.evaluateJson("json", Map.class, Map.of(), ANN).value())
        .isEqualTo(Map.of("size", 3));
    FlagEvaluation<Boolean> no = flags.evaluateBoolean("bool", true, ANN);
    assertThat(no.value()).isFalse();
    assertThat(no.variant()).isEqualTo("no");
    assertThat(flags.isEnabled("bool", ANN)).as("its value is false").isFalse();
    assertThat(flags.isEnabled("text", ANN)).isTrue();
    FlagEvaluation<Boolean> wrong = flags.evaluateBoolean("text", true, ANN);
    assertThat(wrong.value()).isTrue();
    assertThat(wrong.rule()).isEqualTo(FlagRule.TYPE_MISMATCH);
    assertThat(wrong.reason()).isEqualTo(FlagReason.ERROR);
    assertThat(flags.evaluateJson("json", Integer.class, 7, ANN).value()).isEqualTo(7);
  }

  @Test
  void offWithoutValueIsTheCallersDefault() {
    flags.set("f", on().enabled(false).variant("a", "blue", 1).build(), "ann", null);
    FlagEvaluation<String> evaluation = flags.evaluateString("f", "red", ANN);
    assertThat(evaluation.value()).isEqualTo("red");
    assertThat(evaluation.reason()).isEqualTo(FlagReason.DISABLED);
    assertThat(sql("SELECT value IS NULL FROM $.flag_evaluate('f', '{}')")).containsExactly("t");
    flags.set("f", on().enabled(false).variant("a", "blue", 1).offVariant("a").build(), "x", null);
    assertThat(flags.evaluateString("f", "red", ANN).value()).isEqualTo("blue");
    assertThat(flags.isEnabled("f", ANN)).isFalse();
  }

  /** The bug of the background text: of 0 % nobody has it, and of 10 % a tenth. */
  @Test
  void rolloutIsOnForItsPart() {
    for (int percent : List.of(0, 10, 50, 100)) {
      flags.set("f", on().rolloutPercentage(percent).build(), "ann", null);
      long users = 0;
      for (int i = 0; i < 10_000; i++) {
        users += flags.isEnabled("f", FlagSubject.user(i)) ? 1 : 0;
      }
      assertThat(users)
          .isBetween(
              percent * 100L - (percent % 100 == 0 ? 0 : 200),
              percent * 100L + (percent % 100 == 0 ? 0 : 200));
      assertThat(
              sql(
                  "SELECT count(*) FILTER (WHERE $.flag_enabled('f', i::text)) FROM generate_series(0, 9999) AS i"))
          .containsExactly(Long.toString(users));
    }
  }

  /** Who has it at 10 % has it at 20 %, and another flag chooses others. */
  @Test
  void rolloutGrowsAndFlagsAreIndependent() {
    FlagDefinition tenth = on().rolloutPercentage(10).build();
    FlagDefinition fifth = on().rolloutPercentage(20).build();
    int both = 0;
    for (int i = 0; i < 10_000; i++) {
      FlagSubject user = FlagSubject.user(i);
      boolean first = tenth.evaluate("f", user, Instant.EPOCH).isOn();
      if (first) {
        assertThat(fifth.evaluate("f", user, Instant.EPOCH).isOn()).isTrue();
        both += tenth.evaluate("f1", user, Instant.EPOCH).isOn() ? 1 : 0;
      }
    }
    assertThat(both).isBetween(50, 150);
  }

  @Test
  void startAndEndAreByTheClockOfPostgres() {
    Instant now = sqlNow();
    flags.set("past", on().endsAt(now).build(), "ann", null);
    flags.set("future", on().startsAt(now.plusSeconds(3600)).build(), "ann", null);
    flags.set(
        "present",
        on().startsAt(now.minusSeconds(3600)).endsAt(now.plusSeconds(3600)).build(),
        "ann",
        null);
    assertThat(flags.evaluate("past", ANN).rule()).isEqualTo(FlagRule.ENDED);
    assertThat(flags.evaluate("future", ANN).rule()).isEqualTo(FlagRule.NOT_STARTED);
    assertThat(flags.evaluate("present", ANN).rule()).isEqualTo(FlagRule.EVERYBODY);
    assertThat(
            sql(
                "SELECT e.rule FROM unnest('{past,future,present}'::text[]) WITH ORDINALITY AS n (name, i),"
                    + " $.flag_explain(n.name, '{}') AS e ORDER BY i"))
        .containsExactly("ended", "not_started", "everybody");
  }

  private Instant sqlNow() {
    return Instant.parse(
        sql("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
            .get(0));
  }

  @Test
  void historySaysWhoWhenAndWhy() {
    FlagDefinition first = on().rolloutPercentage(5).build();
    FlagDefinition second = on().rolloutPercentage(50).build();
    long one = flags.set("f", first, "ann", "a few");
    long two = flags.set("f", second, "bob", null);
    flags.delete("f", "eve", "enough");
    List<FlagChange> history = flags.history("f");
    assertThat(history).hasSizeGreaterThanOrEqualTo(3);
    FlagChange deleted = history.get(0);
    assertThat(deleted.changedBy()).isEqualTo("eve");
    assertThat(deleted.reason()).contains("enough");
    assertThat(deleted.after()).isEmpty();
    assertThat(deleted.before().map(FlagDefinition::fromJson)).contains(second);
    FlagChange changed = history.get(1);
    assertThat(changed.revision()).isEqualTo(two);
    assertThat(changed.reason()).isEmpty();
    assertThat(changed.before().map(FlagDefinition::fromJson)).contains(first);
    assertThat(changed.after().map(FlagDefinition::fromJson)).contains(second);
    FlagChange created = history.get(2);
    assertThat(created.revision()).isEqualTo(one);
    assertThat(created.before()).isEmpty();
    assertThat(created.changedAt()).isBeforeOrEqualTo(changed.changedAt());
  }

  @Test
  void listHasAllInOrderAndKeepsTheBirth() {
    flags.set("b", on().build(), "ann", null);
    flags.set("a", on().archived(true).metadata(Map.of("owner", "x")).build(), "bob", null);
    Flag before = flags.get("b").orElseThrow();
    long revision = flags.set("b", on().rolloutPercentage(1).build(), "eve", null);
    assertThat(flags.list()).extracting(Flag::name).containsExactly("a", "b");
    Flag after = flags.get("b").orElseThrow();
    assertThat(after.createdAt()).isEqualTo(before.createdAt());
    assertThat(after.updatedAt()).isAfter(before.updatedAt());
    assertThat(after.updatedBy()).isEqualTo("eve");
    assertThat(after.revision()).isEqualTo(revision);
    assertThat(flags.list().get(0).definition().metadataJson()).isEqualTo("{\"owner\":\"x\"}");
    assertThat(flags.evaluate("a", ANN).rule()).isEqualTo(FlagRule.ARCHIVED);
  }

  @Test
  void explanationSaysWhy() {
    flags.set("f", on().rolloutPercentage(25).build(), "eve", "slowly");
    FlagSubject user = FlagSubject.user(42);
    FlagExplanation explanation = flags.explain("f", user);
    int bucket = explanation.rolloutBucket().orElseThrow();
    assertThat(explanation.evaluation()).isEqualTo(flags.evaluate("f", user));
    assertThat(explanation.text())
        .startsWith("f is o")
        .contains("for user 42", "it is on below 25.00 %", "as eve made it", "revision");
    assertThat(explanation.evaluation().isOn()).isEqualTo(bucket < 2_500);
    assertThat(explanation.flag()).isEqualTo(flags.get("f"));
    assertThat(
            sql(
                "SELECT concat_ws(' ', rule, rollout_bucket, variant_bucket, revision, changed_by, change_reason)"
                    + " FROM $.flag_explain('f', '{\"user_id\":42}')"))
        .containsExactly(
            String.join(
                " ",
                explanation.evaluation().rule().sqlName(),
                Integer.toString(bucket),
                Integer.toString(explanation.variantBucket().orElseThrow()),
                Long.toString(explanation.flag().orElseThrow().revision()),
                "eve",
                "slowly"));
    assertThat(flags.explain("absent", FlagSubject.anonymous()).text())
        .isEqualTo("absent is off for somebody unknown: there is no flag of this name.");
    assertThat(sql("SELECT rule FROM $.flag_explain('absent', '{}')"))
        .containsExactly("flag_not_found");
  }

  @Test
  void changeInATransactionIsSeenAfterItsCommit() throws SQLException {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      Flags inside = howdah.on(connection).flags();
      inside.set("f", on().build(), "ann", null);
      assertThat(inside.get("f")).isPresent();
      assertThat(flags.get("f")).isEmpty();
      flags.refresh();
      assertThat(inside.isEnabled("f", ANN)).isFalse();
      connection.commit();
      flags.refresh();
      assertThat(inside.isEnabled("f", ANN)).isTrue();
      inside.delete("f", "ann", null);
      connection.rollback();
      flags.refresh();
      assertThat(flags.isEnabled("f", ANN)).isTrue();
    }
  }

  /** Nobody polls or listens here. */
  @Test
  void changeInATransactionOfTheLibraryIsSeenWhenThatReturns() {
    try (Howdah deaf =
        TestPostgres.builder()
            .schema(schema)
            .sweeper(false)
            .listen(false)
            .flagPollInterval(Duration.ofHours(1))
            .open()) {
      assertThat(deaf.flags().isEnabled("f", ANN)).isFalse();
      deaf.transaction(tx -> {
        tx.flags().set("f", on().build(), "ann", null);
        assertThat(tx.flags().isEnabled("f", ANN)).as("not committed").isFalse();
      });
      assertThat(deaf.flags().isEnabled("f", ANN)).isTrue();
      deaf.transaction(tx -> tx.flags().delete("f", "ann", null));
      assertThat(deaf.flags().evaluate("f", ANN).rule()).isEqualTo(FlagRule.FLAG_NOT_FOUND);
    }
  }

  @Test
  void listenerHearsWhatChanges() {
    Queue<FlagEvent> heard = new ConcurrentLinkedQueue<>();
    flags.set("f", on().build(), "ann", null);
    try (Subscription unused =
        flags.onChange(event -> {
          heard.add(event);
          throw new IllegalStateException("logged, and of no consequence");
        })) {
      flags.set("f", on().build(), "ann", "the same again");
      flags.set("f", on().rolloutPercentage(1).build(), "ann", null);
      flags.set("g", on().build(), "ann", null);
      flags.delete("f", "ann", null);
      Eventually.holds("all events came", () -> heard.size() == 3);
    }
    assertThat(heard).extracting(FlagEvent::name).containsExactly("f", "g", "f");
    assertThat(heard)
        .extracting(FlagEvent::after)
        .containsExactly(
            Optional.of(on().rolloutPercentage(1).build()),
            Optional.of(on().build()),
            Optional.empty());
    flags.set("h", on().build(), "ann", null);
    assertThat(heard).hasSize(3);
  }

  @Test
  void listenerThatFailsByAnErrorKeepsNobodyFromHearing() {
    Queue<String> heard = new ConcurrentLinkedQueue<>();
    flags.refresh();
    try (Subscription failing =
            flags.onChange(event -> {
              throw new AssertionError("logged, and of no consequence");
            });
        Subscription hearing = flags.onChange(event -> heard.add(event.name()))) {
      assertThat(failing).isNotSameAs(hearing);
      for (String name : List.of("f", "g", "h")) {
        flags.set(name, on().build(), "ann", null);
        Eventually.holds("it came", () -> heard.contains(name));
      }
    }
  }

  @Test
  void changeNotifiesOnce() throws SQLException {
    try (Connection listening = connect();
        Connection writing = connect()) {
      assertThat(sql(listening, "LISTEN \"" + schema + ".flag\"")).isEmpty();
      assertThat(sql(writing, "SELECT $.flag_set('n', '{}', 'ann', NULL) > 0"))
          .containsExactly("t");
      assertThat(sql(writing, "SELECT $.flag_delete('n', 'ann', NULL)")).containsExactly("t");
      assertThat(sql(writing, "SELECT $.flag_delete('n', 'ann', NULL)")).containsExactly("f");
      var notifications =
          listening.unwrap(org.postgresql.PGConnection.class).getNotifications(10_000);
      assertThat(notifications)
          .extracting(org.postgresql.PGNotification::getParameter)
          .allMatch("n"::equals)
          .hasSizeBetween(1, 2);
    }
  }

  @Test
  void unreadableFlagHarmsNoOther() {
    flags.set("good", on().build(), "ann", null);
    flags.set("bad", on().build(), "ann", null);
    sql(
        "UPDATE $.flag SET definition = '{\"newer\":1}', revision = revision + 1 WHERE name = 'bad'");
    sql("UPDATE $.flag_revision SET stamp = gen_random_uuid()");
    flags.refresh();
    assertThat(flags.isEnabled("good", ANN)).isTrue();
    assertThat(flags.evaluateBoolean("bad", true, ANN).rule()).isEqualTo(FlagRule.UNREADABLE);
    assertThat(flags.evaluateBoolean("bad", true, ANN).value()).isTrue();
    sql("DELETE FROM $.flag WHERE name = 'bad'");
  }

  /** A failover may lose changes, and give their numbers to others. */
  @Test
  void stateWithTheSameRevisionIsNotMistaken() {
    flags.set("f", on().build(), "ann", null);
    assertThat(flags.isEnabled("f", ANN)).isTrue();
    sql("UPDATE $.flag SET definition = $._flag_definition('{}') WHERE name = 'f'");
    sql("UPDATE $.flag_revision SET stamp = gen_random_uuid()");
    flags.refresh();
    assertThat(flags.isEnabled("f", ANN)).isFalse();
  }

  @Test
  void statusSaysWhatIsKnown() {
    long revision = flags.set("f", on().build(), "ann", null);
    FlagStatus status = flags.status();
    assertThat(status.isLoaded()).isTrue();
    assertThat(status.revision()).isEqualTo(revision);
    assertThat(status.flags()).isEqualTo(1);
    assertThat(status.trouble()).isEmpty();
    assertThat(status.age().orElseThrow()).isLessThan(Duration.ofMinutes(1));
    try (Howdah fresh = configure(TestPostgres.builder().schema(schema).sweeper(false)).open()) {
      assertThat(fresh.flags().status().isLoaded()).as("nobody has used it").isFalse();
      assertThat(fresh.flags().isEnabled("f", ANN)).isTrue();
      assertThat(fresh.flags().status().isLoaded()).isTrue();
    }
  }

  @Test
  void definitionComesBackAsItWas() {
    FlagDefinition definition =
        on().rolloutPercentage(12.25)
            .allowUsers(1, 2)
            .allowUsers("x")
            .allowGroups("beta")
            .when(FlagCondition.isIn("country", "DE", "AT").not())
            .when(FlagCondition.isAtLeast("age", 18))
            .when(FlagCondition.startsWith("email", "a"))
            .variant("a", List.of(1, 2), 3)
            .variant("b", Map.of(), 7)
            .offVariant("b")
            .startsAt(Instant.parse("2026-01-02T03:04:05.123456Z"))
            .endsAt(Instant.parse("2027-01-02T03:04:05Z"))
            .metadata(Map.of("ticket", 7))
            .build();
    flags.set("f", definition, "ann", null);
    assertThat(flags.get("f").orElseThrow().definition()).isEqualTo(definition);
    assertThat(definition.toBuilder().build()).isEqualTo(definition);
    assertThat(definition.conditions().get(0).negated()).isTrue();
    assertThat(definition.variants()).extracting(FlagVariant::weight).containsExactly(3, 7);
    assertThat(definition.rolloutPercentage()).hasToString("Optional[12.25]");
    assertThat(definition.allowedUserIds()).containsExactly("1", "2", "x");
    assertThat(definition.toBuilder().rolloutPercentage(null).build().rolloutPercentage())
        .isEmpty();
  }
}
