package io.howdah.preference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.InvalidArgumentException;
import io.howdah.testing.HowdahTest;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input is refused with the argument, the limit and the value; hostile input is data. */
class PreferenceInputTest extends HowdahTest {
  private static final PreferenceKey<String> KEY = PreferenceKey.json("k");

  private static void refused(String argument, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidArgumentException.class, e -> assertThat(e.argument()).isEqualTo(argument))
        .hasMessageContaining(message);
  }

  @Test
  void badArgumentsAreRefusedBeforeAnythingIsSent() {
    Preferences preferences = howdah.preferences();
    refused("key", "1 to 256 bytes expected, got 0", () -> PreferenceKey.json(""));
    refused("key", "1 to 256 bytes expected, got 258", () -> PreferenceKey.json("é".repeat(129)));
    refused("key", "U+0000", () -> PreferenceKey.json("a\0"));
    refused("userId", "1 to 1024 bytes expected, got 0", () -> preferences.get("", KEY));
    refused("userId", "got 1025", () -> preferences.set("u".repeat(1_025), KEY, "1"));
    refused("group", "1 to 256 bytes expected", () -> preferences.setGroup("", KEY, "1"));
    refused("groups", "1 to 256 bytes expected", () -> preferences.effective("ann", "a", ""));
    refused(
        "groups",
        "at most 1000 expected, got 1001",
        () -> preferences.effective("ann", Collections.nCopies(1_001, "g")));
    refused("value", "malformed JSON", () -> preferences.set("ann", KEY, "{"));
    refused(
        "value",
        "at most 65536 bytes expected, got 65537",
        () -> preferences.set("ann", KEY, "\"" + "x".repeat(65_535) + "\""));
    refused("maxRows", "1 to 1000 expected, got 0", () -> preferences.find(KEY, "1", "", 0));
    refused("maxRows", "got 1001", () -> preferences.find(KEY, "1", "", 1_001));
    refused("after", "got 1025", () -> preferences.find(KEY, "1", "u".repeat(1_025), 1));
    assertThat(sql("SELECT user_id FROM $.preference")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          preference_set('', 'k', '1')                         | user_id: 1 to 1024 bytes expected, got 0
          preference_set(NULL, 'k', '1')                       | user_id: 1 to 1024 bytes expected, got NULL
          preference_set('a', repeat('k', 257), '1')           | key: 1 to 256 bytes expected, got 257
          preference_set('a', NULL, '1')                       | key: 1 to 256 bytes expected, got NULL
          preference_set('a', 'k', NULL)                       | value: a JSON value expected, got NULL
          preference_set('a', 'k', to_jsonb(repeat('x', 65535))) | value: at most 65536 bytes expected, got 65537
          preference_group_set('', 'k', '1')                   | group_name: 1 to 256 bytes expected, got 0
          preference_group_set(NULL, 'k', '1')                 | group_name: 1 to 256 bytes expected, got NULL
          preference_system_set('', '1')                       | key: 1 to 256 bytes expected, got 0
          preference_unset('a', '')                            | key: 1 to 256 bytes expected, got 0
          preference_effective('', '{}')                       | user_id: 1 to 1024 bytes expected, got 0
          preference_effective('a', '{b,NULL}')                | groups: 1 to 256 bytes expected, got NULL
          preference_find('', '1')                             | key: 1 to 256 bytes expected, got 0
          preference_find('k', NULL)                           | value: a JSON value expected, got NULL
          preference_find('k', '1', NULL)                      | after: a user_id or an empty text expected, got NULL
          preference_find('k', '1', '', 1001)                  | max_rows: 1 to 1000 expected, got 1001
          preference_forget('')                                | user_id: 1 to 1024 bytes expected, got 0
          preference_index(NULL)                               | enabled: true or false expected, got NULL
          """)
  void sqlSaysWhatIsWrong(String call, String message) {
    assertThatThrownBy(() -> sql("SELECT $." + call))
        .hasMessageContaining(message)
        .cause()
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
  }

  @Test
  void tooManyKeysOfOneUserAreRefusedAndTheOthersStay() {
    assertThat(
            sql(
                "INSERT INTO $.preference SELECT 'many', jsonb_object_agg('k' || i, 1), now() FROM generate_series(1, 1000) AS i"))
        .isEmpty();
    Preferences preferences = howdah.preferences();
    refused(
        "key",
        "at most 1000 keys of one user or layer expected, got 1001",
        () -> preferences.set("many", PreferenceKey.json("one-more"), "1"));
    preferences.set("many", PreferenceKey.json("k1"), "2");
    assertThat(preferences.all("many")).hasSize(1_000);
    assertThat(preferences.get("many", PreferenceKey.json("k1"))).isEqualTo("2");
  }

  @Test
  void tooManyBytesOfOneUserAreRefused() {
    Preferences preferences = howdah.preferences();
    String large = "\"" + "x".repeat(65_000) + "\"";
    for (int i = 0; i < 16; i++) {
      preferences.set("large", PreferenceKey.json("k" + i), large);
    }
    refused(
        "value",
        "at most 1048576 bytes in all preferences of one user or layer expected",
        () -> preferences.set("large", PreferenceKey.json("k16"), large));
    assertThat(preferences.all("large")).hasSize(16);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'; DROP TABLE preference; --",
        "a\"b\\c",
        "k?x??",
        "a=>b, \"c\"=>NULL",
        "$1 %s %I {} []",
        "ключ ключ 🐘",
        " ",
        "\u0001\u001f"
      })
  void anyTextIsAKeyAUserAndAValue(String text) {
    Preferences preferences = howdah.preferences();
    PreferenceKey<String> key = PreferenceKey.of(text, String.class, "");
    preferences.set(text, key, text);
    preferences.setGroup(text, key, "of the group");
    assertThat(preferences.get(text, key)).isEqualTo(text);
    assertThat(preferences.find(key, text, "", 10)).containsExactly(text);
    assertThat(preferences.all(text)).extracting(Preference::key).containsExactly(text);
    assertThat(preferences.unset(text, key)).isTrue();
    assertThat(preferences.effective(text, List.of(text)).get(key).group()).contains(text);
  }
}
