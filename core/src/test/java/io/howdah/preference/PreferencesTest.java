package io.howdah.preference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Codec;
import io.howdah.InvalidArgumentException;
import io.howdah.TypeRef;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** What preferences promise to who uses them, in Java and in SQL. */
class PreferencesTest extends HowdahTest {
  enum Theme {
    LIGHT,
    DARK
  }

  private static final PreferenceKey<Theme> THEME =
      PreferenceKey.of("theme", Theme.class, Theme.LIGHT);
  private static final PreferenceKey<Integer> ROWS = PreferenceKey.of("rows", Integer.class, 25);
  private static final PreferenceKey<List<String>> TAGS =
      PreferenceKey.of("tags", new TypeRef<List<String>>() {}, List.of());

  private Preferences preferences;

  @BeforeEach
  void none() {
    preferences = howdah.preferences();
    assertThat(sql("DELETE FROM $.preference")).isEmpty();
    assertThat(sql("DELETE FROM $.preference_layer")).isEmpty();
  }

  @Test
  void valueIsTheDefaultUntilItIsSet() {
    assertThat(preferences.get("ann", THEME)).isEqualTo(Theme.LIGHT);
    preferences.set("ann", THEME, Theme.DARK);
    preferences.set("ann", TAGS, List.of("a", "b"));
    assertThat(preferences.get("ann", THEME)).isEqualTo(Theme.DARK);
    assertThat(preferences.get("ann", TAGS)).containsExactly("a", "b");
    assertThat(preferences.get("bob", THEME)).isEqualTo(Theme.LIGHT);
    assertThat(sql("SELECT $.preference_get('ann', 'theme')")).containsExactly("\"DARK\"");
    assertThat(preferences.unset("ann", THEME)).isTrue();
    assertThat(preferences.unset("ann", THEME)).isFalse();
    assertThat(preferences.get("ann", THEME)).isEqualTo(Theme.LIGHT);
    assertThat(preferences.get("ann", TAGS)).as("the others stay").containsExactly("a", "b");
  }

  @Test
  void allAreListedInTheOrderOfTheKeys() {
    preferences.set("ann", THEME, Theme.DARK);
    preferences.set("ann", ROWS, 50);
    assertThat(preferences.all("ann"))
        .extracting(Preference::key, Preference::json)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("rows", "50"),
            org.assertj.core.groups.Tuple.tuple("theme", "\"DARK\""));
    assertThat(preferences.all("bob")).isEmpty();
    assertThat(
            sql(
                "SELECT bool_and(updated_at BETWEEN now() - interval '1 min' AND clock_timestamp()) FROM $.preference_all('ann')"))
        .containsExactly("t");
  }

  @Test
  void forgottenUserHasNothing() {
    preferences.set("ann", THEME, Theme.DARK);
    preferences.set("bob", THEME, Theme.DARK);
    assertThat(preferences.forget("ann")).isTrue();
    assertThat(preferences.forget("ann")).isFalse();
    assertThat(sql("SELECT user_id FROM $.preference")).containsExactly("bob");
  }

  @Test
  void userWinsOverGroupsAndLaterGroupsOverSystem() {
    assertThat(preferences.effective("ann", "a").get(ROWS))
        .isEqualTo(new PreferenceValue<>(25, PreferenceOrigin.DEFAULT, Optional.empty()));
    preferences.setSystem(ROWS, 1);
    assertThat(preferences.effective("ann", "a").get(ROWS))
        .isEqualTo(new PreferenceValue<>(1, PreferenceOrigin.SYSTEM, Optional.empty()));
    preferences.setGroup("a", ROWS, 2);
    preferences.setGroup("b", ROWS, 3);
    preferences.setGroup("c", ROWS, 4);
    assertThat(preferences.effective("ann", "a", "b").get(ROWS))
        .isEqualTo(new PreferenceValue<>(3, PreferenceOrigin.GROUP, Optional.of("b")));
    assertThat(preferences.effective("ann", "b", "a").value(ROWS)).isEqualTo(2);
    assertThat(preferences.effective("ann", "a", "b", "a").value(ROWS)).isEqualTo(2);
    assertThat(preferences.effective("ann", "unknown").value(ROWS)).isEqualTo(1);
    assertThat(preferences.get("ann", ROWS)).as("no layers").isEqualTo(25);
    preferences.set("ann", ROWS, 5);
    assertThat(preferences.effective("ann", "a", "b").get(ROWS))
        .isEqualTo(new PreferenceValue<>(5, PreferenceOrigin.USER, Optional.empty()));
    assertThat(preferences.effective("ann").asJson().get("rows"))
        .isEqualTo(new PreferenceValue<>("5", PreferenceOrigin.USER, Optional.empty()));

    assertThat(preferences.allGroup("a")).extracting(Preference::json).containsExactly("2");
    assertThat(preferences.allSystem()).extracting(Preference::json).containsExactly("1");
    assertThat(preferences.unset("ann", ROWS)).isTrue();
    assertThat(preferences.unsetGroup("b", ROWS)).isTrue();
    assertThat(preferences.unsetGroup("b", ROWS)).isFalse();
    assertThat(preferences.forgetGroup("a")).isTrue();
    assertThat(preferences.forgetGroup("a")).isFalse();
    assertThat(preferences.effective("ann", "a", "b").value(ROWS)).isEqualTo(1);
    assertThat(preferences.unsetSystem(ROWS)).isTrue();
    assertThat(preferences.unsetSystem(ROWS)).isFalse();
  }

  @Test
  void eachKeyComesFromItsOwnLayer() {
    preferences.setSystem(ROWS, 1);
    preferences.setGroup("a", THEME, Theme.DARK);
    preferences.set("ann", TAGS, List.of("x"));
    assertThat(
            sql(
                "SELECT concat_ws(' ', key, value, origin) FROM $.preference_effective('ann', '{a}')"))
        .containsExactly("rows 1 system", "tags [\"x\"] user", "theme \"DARK\" group:a");
    assertThat(sql("SELECT concat_ws(' ', key, origin) FROM $.preference_effective('bob', NULL)"))
        .containsExactly("rows system");
  }

  /** A group may have any name, also one that looks like another layer. */
  @Test
  void groupIsNotTakenForAnotherLayer() {
    preferences.setGroup("user", ROWS, 1);
    preferences.setGroup("system", THEME, Theme.DARK);
    EffectivePreferences effective = preferences.effective("ann", "user", "system");
    assertThat(effective.get(ROWS).group()).contains("user");
    assertThat(effective.get(THEME).group()).contains("system");
    assertThat(preferences.allSystem()).isEmpty();
  }

  @Test
  void jsonNullIsAValueAndAbsentIsNone() {
    PreferenceKey<JsonNode> any =
        PreferenceKey.of("any", JsonNode.class, tools.jackson.databind.node.BooleanNode.TRUE);
    assertThat(sql("SELECT $.preference_system_set('any', '1')")).hasSize(1);
    assertThat(sql("SELECT $.preference_set('ann', 'any', 'null')")).hasSize(1);
    assertThat(sql("SELECT $.preference_get('ann', 'any')::text")).containsExactly("null");
    assertThat(sql("SELECT $.preference_get('ann', 'other') IS NULL")).containsExactly("t");
    assertThat(preferences.effective("ann").get(any))
        .isEqualTo(
            new PreferenceValue<>(NullNode.getInstance(), PreferenceOrigin.USER, Optional.empty()));
    assertThat(preferences.unset("ann", any)).isTrue();
    assertThat(preferences.effective("ann").get(any).origin()).isEqualTo(PreferenceOrigin.SYSTEM);
  }

  @Test
  void valueOfAnotherTypeCountsAsTheDefaultAndSaysSo() {
    preferences.set("ann", PreferenceKey.json("theme"), "\"PURPLE\"");
    preferences.set("ann", PreferenceKey.json("rows"), "null");
    assertThat(preferences.get("ann", THEME)).isEqualTo(Theme.LIGHT);
    EffectivePreferences effective = preferences.effective("ann");
    assertThat(effective.get(THEME))
        .isEqualTo(
            new PreferenceValue<>(Theme.LIGHT, PreferenceOrigin.UNREADABLE, Optional.empty()));
    assertThat(effective.get(ROWS).origin()).isEqualTo(PreferenceOrigin.UNREADABLE);
    assertThat(effective.get(TAGS).origin()).isEqualTo(PreferenceOrigin.DEFAULT);
    assertThat(sql("SELECT $.preference_get('ann', 'theme')"))
        .as("it stays")
        .containsExactly("\"PURPLE\"");
  }

  @Test
  void whoHasAValueComesInPages() {
    assertThat(
            sql(
                "SELECT count($.preference_set('u' || lpad(i::text, 4, '0'), 'theme', to_jsonb(CASE i % 10 WHEN 0 THEN 'DARK' ELSE 'LIGHT' END)))"
                    + " FROM generate_series(1, 2500) AS i"))
        .containsExactly("2500");
    for (boolean index : new boolean[] {false, true, false}) {
      assertThat(sql("SELECT $.preference_index(?)", index)).hasSize(1);
      List<String> all = new ArrayList<>();
      List<String> page = preferences.find(THEME, Theme.DARK, "", 100);
      while (!page.isEmpty()) {
        all.addAll(page);
        page = preferences.find(THEME, Theme.DARK, page.get(page.size() - 1), 100);
      }
      assertThat(all).hasSize(250).isSorted().doesNotHaveDuplicates().contains("u0010", "u2500");
    }
    assertThat(preferences.find(ROWS, 1, "", 1_000)).isEmpty();
  }

  @Test
  void findMeansEqualNotContained() {
    preferences.set("ann", PreferenceKey.json("k"), "{\"a\":1,\"b\":[1,2]}");
    preferences.set("bob", PreferenceKey.json("k"), "{\"a\":1}");
    PreferenceKey<String> key = PreferenceKey.json("k");
    for (boolean index : new boolean[] {true, false}) {
      assertThat(sql("SELECT $.preference_index(?)", index)).hasSize(1);
      assertThat(preferences.find(key, "{\"a\":1}", "", 10)).containsExactly("bob");
      assertThat(preferences.find(key, "{}", "", 10)).isEmpty();
      assertThat(preferences.find(key, "{\"b\":[1,2],\"a\":1.0}", "", 10)).containsExactly("ann");
    }
  }

  @Test
  void indexIsMadeAndDroppedOnce() {
    assertThat(
            sql(
                "SELECT concat_ws(' ', $.preference_index(true), $.preference_index(true), $.preference_index(false), $.preference_index(false))"))
        .containsExactly("t f t f");
  }

  @Test
  void writesOfDifferentKeysAreNotLost() {
    int threads = 64;
    List<Integer> done =
        Threads.run(
            threads,
            thread -> {
              for (int i = 0; i < 5; i++) {
                preferences.set("ann", PreferenceKey.json("k" + thread + "." + i), "" + thread);
              }
              return thread;
            });
    assertThat(done).hasSize(threads);
    assertThat(preferences.all("ann")).hasSize(threads * 5);
    for (Preference preference : preferences.all("ann")) {
      assertThat(preference.key()).startsWith("k" + preference.json() + ".");
    }
  }

  @Test
  void settersAndUnsettersOfOneUserDoNotDisturbEachOther() {
    Threads.run(
            16,
            thread -> {
              PreferenceKey<Integer> mine = PreferenceKey.of("mine" + thread, Integer.class, -1);
              for (int i = 0; i < 20; i++) {
                preferences.set("ann", mine, i);
                assertThat(preferences.get("ann", mine)).isEqualTo(i);
                assertThat(preferences.unset("ann", mine)).isTrue();
                assertThat(preferences.get("ann", mine)).isEqualTo(-1);
              }
              return thread;
            })
        .forEach(thread -> assertThat(thread).isNotNull());
    assertThat(preferences.all("ann")).isEmpty();
  }

  @Test
  void lastWriteOfOneKeyWins() {
    List<Integer> threads =
        Threads.run(
            64,
            thread -> {
              preferences.set("ann", ROWS, thread);
              return thread;
            });
    assertThat(threads).contains(preferences.get("ann", ROWS));
    assertThat(preferences.all("ann")).hasSize(1);
    CompletionStage<?> last = preferences.async().set("ann", ROWS, -1);
    for (int i = 0; i < 50; i++) {
      last = preferences.async().set("ann", ROWS, i);
    }
    last.toCompletableFuture().join();
    assertThat(preferences.get("ann", ROWS)).as("in the order of the calls").isEqualTo(49);
  }

  @Test
  void manyReadersGetTheirOwnAnswer() {
    for (int i = 0; i < 20; i++) {
      preferences.set("u" + i, ROWS, i);
    }
    preferences.set("large", PreferenceKey.json("rows"), "\"" + "x".repeat(60_000) + "\"");
    List<Integer> wrong =
        Threads.run(
            64,
            thread -> {
              int bad = 0;
              for (int i = 0; i < 100; i++) {
                int user = (i + thread) % 22;
                bad += preferences.get("u" + user, ROWS) == (user < 20 ? user : 25) ? 0 : 1;
                if (i % 20 == 0) {
                  bad +=
                      preferences.get("large", PreferenceKey.json("rows")).length() == 60_002
                          ? 0
                          : 1;
                }
              }
              return bad;
            });
    assertThat(wrong).containsOnly(0);
  }

  @Test
  void transactionIsSeenWhenItCommitsAndUndoneWhenItRollsBack() throws SQLException {
    howdah.transaction(tx -> {
      tx.preferences().set("ann", THEME, Theme.DARK);
      assertThat(tx.preferences().get("ann", THEME)).isEqualTo(Theme.DARK);
      assertThat(preferences.get("ann", THEME)).isEqualTo(Theme.LIGHT);
    });
    assertThat(preferences.get("ann", THEME)).isEqualTo(Theme.DARK);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      Preferences joined = howdah.on(connection).preferences();
      joined.set("ann", ROWS, 1);
      joined.setSystem(ROWS, 2);
      assertThat(joined.forget("ann")).isTrue();
      assertThat(joined.effective("ann").value(ROWS)).isEqualTo(2);
      assertThatThrownBy(joined::async).isInstanceOf(InvalidArgumentException.class);
      connection.rollback();
    }
    assertThat(preferences.get("ann", THEME)).isEqualTo(Theme.DARK);
    assertThat(preferences.effective("ann").value(ROWS)).isEqualTo(25);
  }

  @Test
  void asyncDoesTheSame() {
    AsyncPreferences async = preferences.async();
    async.setSystem(ROWS, 1).toCompletableFuture().join();
    async.setGroup("a", ROWS, 2).toCompletableFuture().join();
    async.set("ann", THEME, Theme.DARK).toCompletableFuture().join();
    assertThat(async.get("ann", THEME).toCompletableFuture().join()).isEqualTo(Theme.DARK);
    assertThat(async.get("ann", ROWS).toCompletableFuture().join()).isEqualTo(25);
    assertThat(async.effective("ann", List.of("a")).toCompletableFuture().join().value(ROWS))
        .isEqualTo(2);
    assertThat(async.find(THEME, Theme.DARK, "", 10).toCompletableFuture().join())
        .containsExactly("ann");
    assertThat(async.all("ann").toCompletableFuture().join()).hasSize(1);
    assertThat(async.allGroup("a").toCompletableFuture().join()).hasSize(1);
    assertThat(async.allSystem().toCompletableFuture().join()).hasSize(1);
    assertThat(async.unset("ann", THEME).toCompletableFuture().join()).isTrue();
    assertThat(async.forget("ann").toCompletableFuture().join()).isTrue();
    assertThat(async.unsetGroup("a", ROWS).toCompletableFuture().join()).isTrue();
    assertThat(async.forgetGroup("a").toCompletableFuture().join()).isTrue();
    assertThat(async.unsetSystem(ROWS).toCompletableFuture().join()).isTrue();
  }

  /** One row a user, and without the index it is updated in place. */
  @Test
  void updateIsHotWithoutTheIndexOnly() {
    assertThat(sql("SELECT $.preference_index(false)")).hasSize(1);
    assertThat(hotUpdates()).isGreaterThan(15);
    assertThat(sql("SELECT $.preference_index(true)")).containsExactly("t");
    assertThat(hotUpdates()).isZero();
    assertThat(sql("SELECT $.preference_index(false)")).containsExactly("t");
  }

  private int hotUpdates() {
    String counted =
        "SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relid = '$.preference'::regclass";
    try (Connection connection = connect()) {
      int before = Integer.parseInt(sql(connection, counted).get(0));
      for (int i = 0; i < 20; i++) {
        assertThat(sql(connection, "SELECT $.preference_set('hot', 'k', to_jsonb(random()))"))
            .hasSize(1);
      }
      assertThat(sql(connection, "SELECT pg_stat_force_next_flush()")).hasSize(1);
      return Integer.parseInt(sql(connection, counted).get(0)) - before;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void codecThatMakesBytesIsRefused() {
    assertThatThrownBy(() -> PreferenceKey.of("k", Codec.bytes(), new byte[0]))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("JSON expected");
  }
}
