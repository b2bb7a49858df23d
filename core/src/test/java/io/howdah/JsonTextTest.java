package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What passes as JSON before it is sent, beside what Postgres itself says. */
class JsonTextTest extends HowdahTest {
  /** JsonText does not look whether a number with such an exponent is zero, and so in range. */
  private static final Pattern LARGE_EXPONENT = Pattern.compile("[eE][+-]?[0-9]{5}");

  private static final List<String> SCALARS =
      List.of(
          "1",
          "0",
          "-0",
          "-1.50",
          "12345678901234567890",
          "1e308",
          "4.9E-324",
          "1.5e+3",
          "25e-1",
          "true",
          "false",
          "null",
          "\"\"",
          "\"a b\"",
          "\"\\n\\t\\\"\\\\\\/\\b\\f\\r\"",
          "\"\\u0041\\u00e9\\u20AC\"",
          "\"\\ud83d\\ude00\"",
          "\"é€\uD83D\uDE00\uFFFF\"",
          "\"\\u001f\"",
          "\"\u007F\"",
          "\"\\u0022\\u005c\"");

  private static final List<String> ODD =
      List.of(
          "",
          " ",
          "1 2",
          "nul",
          "truex",
          "-",
          "01",
          "1.",
          ".5",
          "+1",
          "1e",
          "1e+",
          "0x1",
          "NaN",
          "'a'",
          "\"",
          "\"a",
          "\"\t\"",
          "\"\\x\"",
          "\"\\u12\"",
          "\"\\u12g4\"",
          "\"\\u+123\"",
          "\"\\u0000\"",
          "\"\\\\u0000\"",
          "\"\\\\\\u0000\"",
          "\"\\ud83d\"",
          "\"\\ude00\"",
          "\"\\ud83d\\u0041\"",
          "\"\\ud83dx\"",
          "\"\\ud83d\\ud83d\\ude00\"",
          "[",
          "]",
          "[1",
          "[1,]",
          "[,1]",
          "[1 2]",
          "{",
          "{}",
          "[]",
          "{\"a\"}",
          "{\"a\":}",
          "{\"a\":1,}",
          "{a:1}",
          "{1:1}",
          "{\"a\" : 1 , \"a\":2}",
          "{\"a\":1]",
          "[1}",
          "\u00A01",
          "\u000B1",
          "\uFEFF1",
          "1\u0085",
          " \t\r\n1\n",
          "1e131071",
          "1e131072",
          "-1e131071",
          "1e-16383",
          "1e-16384",
          "12e131070",
          "12e131071",
          "1.5e-16382",
          "1.5e-16383",
          "1e99999999999",
          "1e-99999999999",
          "/**/1",
          "\uFF11",
          "\"\\uFF11\\u\uFF11111\"");

  @Test
  void whatPassesIsWhatPostgresStoresAndItsSizeIsEnough() throws SQLException {
    sql(
        "CREATE FUNCTION $.stored_size(t text) RETURNS int LANGUAGE plpgsql AS $body$"
            + " BEGIN RETURN octet_length(t::jsonb::text); EXCEPTION WHEN OTHERS THEN RETURN -1; END $body$");
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>(ODD);
    texts.addAll(SCALARS);
    for (int i = 0; i < 3_000; i++) {
      String json = json(random, 4);
      texts.add(json);
      texts.add(changed(random, json));
    }
    try (Connection connection = connect()) {
      List<String> stored =
          sql(
              connection,
              "SELECT $.stored_size(t) FROM unnest(?::text[]) WITH ORDINALITY AS u (t, i) ORDER BY i",
              connection.createArrayOf("text", texts.toArray()));
      int taken = 0;
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i);
        int inPostgres = Integer.parseInt(stored.get(i));
        long here = sizeOrRefused(text);
        taken += here >= 0 ? 1 : 0;
        if (here >= 0 || !LARGE_EXPONENT.matcher(text).find()) {
          assertThat(here >= 0).as("seed %s: <%s>", seed, text).isEqualTo(inPostgres >= 0);
        }
        assertThat(here).as("seed %s: <%s>", seed, text).isGreaterThanOrEqualTo(inPostgres);
      }
      assertThat(taken).isBetween(3_000, texts.size() - 500);
    }
  }

  private static long sizeOrRefused(String text) {
    try {
      return JsonText.size("value", text);
    } catch (InvalidArgumentException e) {
      assertThat(e.argument()).isEqualTo("value");
      assertThat(e).hasMessageStartingWith("value: ");
      return -1;
    }
  }

  private static String json(Random random, int depth) {
    int what = random.nextInt(depth > 0 ? 6 : 3);
    if (what < 3) {
      return space(random) + SCALARS.get(random.nextInt(SCALARS.size())) + space(random);
    }
    boolean object = what == 3;
    StringBuilder json = new StringBuilder(space(random)).append(object ? '{' : '[');
    int size = random.nextInt(4);
    for (int i = 0; i < size; i++) {
      json.append(i == 0 ? "" : ",");
      if (object) {
        json.append(space(random)).append("\"k").append(random.nextInt(3)).append('"');
        json.append(space(random)).append(':');
      }
      json.append(json(random, depth - 1));
    }
    return json.append(size == 0 ? space(random) : "").append(object ? '}' : ']').toString();
  }

  private static String space(Random random) {
    return random.nextInt(4) == 0 ? " \t\r\n".substring(0, 1 + random.nextInt(4)) : "";
  }

  /** One character more, less, or another one. */
  private static String changed(Random random, String json) {
    int[] code = json.codePoints().toArray();
    String alphabet = "\"\\{}[],:-+.eE019ntrufbaxd \n\u0001é\uFF11";
    int at = random.nextInt(code.length);
    String fresh = String.valueOf(alphabet.charAt(random.nextInt(alphabet.length())));
    int how = random.nextInt(3);
    String before = new String(code, 0, at);
    String after = new String(code, at + (how == 0 ? 0 : 1), code.length - at - (how == 0 ? 0 : 1));
    return before + (how == 1 ? "" : fresh) + after;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1|1",
        "1e1000|1001",
        "[1e308,1e308]|622",
        "1e-5|7",
        "{\"a\":1}|8",
        "\"\\u0041\"|8",
        "\"é\"|4",
        "\"\\u0001\"|8",
        "1                   |1",
      })
  void sizeIsThatOfTheLongerForm(String json, int size) {
    assertThat(JsonText.size("value", json)).isEqualTo(size);
  }

  @Test
  void halvesOfSurrogatePairsAndTooDeepOnesAreNamed() {
    assertThatThrownBy(() -> JsonText.size("value", "\"a\uD800b\""))
        .hasMessage("value: half of a surrogate pair found in the JSON at index 2");
    assertThatThrownBy(() -> JsonText.size("value", "[\"\\ud800\"]"))
        .hasMessage("value: half of a surrogate pair found in the JSON at index 2");
    assertThat(JsonText.size("value", "[".repeat(500) + "]".repeat(500))).isEqualTo(1_000);
    assertThatThrownBy(() -> JsonText.size("value", "[".repeat(501) + "]".repeat(501)))
        .hasMessageContaining("at most 500");
    assertThatThrownBy(() -> JsonText.size("patch", "{\"a\": b}"))
        .hasMessage("patch: malformed JSON: a value expected, got U+0062 at index 6");
    assertThatThrownBy(() -> JsonText.size("patch", "{\"a\": "))
        .hasMessage("patch: malformed JSON: a value expected, where the text ends");
  }
}
