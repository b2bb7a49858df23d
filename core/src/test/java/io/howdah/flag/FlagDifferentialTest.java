package io.howdah.flag;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.HowdahTest;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** SQL and Java answer the same, for definitions and subjects at random. */
@Tag("full")
class FlagDifferentialTest extends HowdahTest {
  private static final int PAIRS = 120_000;
  private static final int SUBJECTS_A_DEFINITION = 20;
  private static final int BATCH = 10_000;

  /** Definitions are checked once for all their subjects, which takes longest. */
  private static final String SQL =
      "WITH d AS MATERIALIZED (SELECT u.n, u.name, $._flag_definition(u.definition::jsonb) AS definition"
          + " FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS u (name, definition, n))"
          + " SELECT e.reason, e.rule, e.is_on, e.variant, e.value, e.value = i.value, e.value IS NULL AND i.value IS NULL"
          + " FROM unnest(?::text[], ?::text[], ?::text[]) WITH ORDINALITY AS t (context, at, value, n)"
          + " JOIN d ON d.n = (t.n - 1) / "
          + SUBJECTS_A_DEFINITION
          + " + 1"
          + " CROSS JOIN LATERAL (SELECT t.value::jsonb AS value) AS i"
          + " CROSS JOIN LATERAL $._flag_evaluate(d.name, d.definition, $._flag_context(t.context::jsonb), t.at::timestamptz)"
          + " AS e ORDER BY t.n";

  private record Pair(String name, FlagDefinition definition, FlagSubject subject, Instant at) {
    FlagEvaluation<@Nullable JsonNode> evaluate() {
      return definition.evaluate(name, subject, at);
    }
  }

  @Test
  @Timeout(240)
  void sqlAndJavaAnswerTheSame() throws SQLException {
    long seed = System.nanoTime();
    RandomFlags random = new RandomFlags(seed);
    Map<FlagRule, Integer> rules = new EnumMap<>(FlagRule.class);
    try (Connection connection = connect();
        PreparedStatement statement =
            connection.prepareStatement(SQL.replace("$.", schema + "."))) {
      for (int done = 0; done < PAIRS; done += BATCH) {
        List<Pair> pairs = new ArrayList<>();
        while (pairs.size() < BATCH) {
          String name = random.name();
          FlagDefinition definition = random.definition();
          for (int i = 0; i < SUBJECTS_A_DEFINITION; i++) {
            pairs.add(new Pair(name, definition, random.subject(), random.at()));
          }
        }
        compare(statement, pairs, rules, seed);
      }
    }
    Set<FlagRule> all = EnumSet.range(FlagRule.ARCHIVED, FlagRule.NOT_IN_ROLLOUT);
    assertThat(rules.keySet()).as("every rule was met").isEqualTo(all);
  }

  private static void compare(
      PreparedStatement statement, List<Pair> pairs, Map<FlagRule, Integer> rules, long seed)
      throws SQLException {
    List<ArrayList<@Nullable String>> columns =
        Stream.generate(() -> new ArrayList<@Nullable String>()).limit(5).toList();
    List<FlagEvaluation<@Nullable JsonNode>> ours = new ArrayList<>();
    for (Pair pair : pairs) {
      FlagEvaluation<@Nullable JsonNode> evaluation = pair.evaluate();
      if (ours.size() % SUBJECTS_A_DEFINITION == 0) {
        columns.get(0).add(pair.name());
        columns.get(1).add(pair.definition().toJson());
      }
      ours.add(evaluation);
      rules.merge(evaluation.rule(), 1, Integer::sum);
      columns.get(2).add(RandomFlags.context(pair.subject()));
      columns.get(3).add(pair.at().toString());
      columns.get(4).add(evaluation.value() == null ? null : evaluation.value().toString());
    }
    for (int i = 0; i < columns.size(); i++) {
      Array array = statement.getConnection().createArrayOf("text", columns.get(i).toArray());
      statement.setArray(i + 1, array);
    }
    try (ResultSet rows = statement.executeQuery()) {
      for (int i = 0; i < pairs.size(); i++) {
        assertThat(rows.next()).isTrue();
        FlagEvaluation<@Nullable JsonNode> evaluation = ours.get(i);
        boolean same =
            evaluation.reason().name().equals(rows.getString(1))
                && evaluation.rule().sqlName().equals(rows.getString(2))
                && evaluation.isOn() == rows.getBoolean(3)
                && Objects.equals(evaluation.variant(), rows.getString(4))
                && (rows.getBoolean(6) || rows.getBoolean(7));
        if (!same) {
          assertThat(RandomFlags.line(evaluation))
              .as(
                  "seed %s, flag %s, definition %s, subject %s, at %s",
                  seed,
                  pairs.get(i).name(),
                  pairs.get(i).definition(),
                  columns.get(2).get(i),
                  pairs.get(i).at())
              .isEqualTo(
                  String.join(
                      "|",
                      rows.getString(1),
                      rows.getString(2),
                      rows.getBoolean(3) ? "on" : "off",
                      rows.getString(4),
                      rows.getString(5)));
        }
      }
    }
  }
}
