package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input: a clear error that names the argument, and nothing stored. */
class KvInputTest extends HowdahTest {
  private final String longKey = "k".repeat(1_025);

  private KeyValueStore<String> store() {
    return howdah.kv("input", String.class);
  }

  @AfterEach
  void nothingWasStored() {
    assertThat(sql("SELECT key FROM $.kv WHERE namespace = 'input'")).isEmpty();
  }

  private static void assertInvalid(String argument, Callable<?> call) {
    assertThatThrownBy(call::call)
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            e -> {
              assertThat(e.argument()).isEqualTo(argument);
              assertThat(e).hasMessageStartingWith(argument + ":");
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            });
  }

  @Test
  void keysHaveOneTo1024Bytes() {
    KeyValueStore<String> store = store();
    String nul = "a\u0000b";
    for (String key : List.of("", longKey, "ü".repeat(513), nul, "a\uD800", "\uDC00")) {
      assertInvalid("key", () -> store.get(key));
      assertInvalid("key", () -> store.set(key, "v"));
      assertInvalid("key", () -> store.delete(key));
      assertInvalid("key", () -> store.increment(key));
      assertInvalid("key", () -> store.getAll(List.of("fine", key)));
      assertInvalid("key", () -> store.async().get(key));
      assertInvalid(
          "key",
          () -> {
            store.setAll(Map.of("fine", "v", key, "v"));
            return null;
          });
    }
    assertInvalid("key", () -> store.get(null));
    String longest = "ü".repeat(512);
    store.set(longest, "v");
    assertThat(store.get(longest)).contains("v");
    assertThat(store.scan("").map(KeyValue::key)).containsExactly(longest);
    assertThat(store.delete(longest)).isTrue();
  }

  @Test
  void namespacesHaveOneTo64Bytes() {
    for (String namespace : List.of("", "n".repeat(65), "n\u0000")) {
      assertInvalid("namespace", () -> howdah.kv(namespace, String.class));
      assertInvalid("namespace", () -> howdah.namespaces().clear(namespace));
    }
    assertInvalid("namespace", () -> howdah.kv((String) null, String.class));
  }

  @Test
  void timeToLiveIsMoreThanNothingAndAtMostACentury() {
    KeyValueStore<String> store = store();
    for (Duration ttl :
        List.of(
            Duration.ZERO,
            Duration.ofNanos(999),
            Duration.ofSeconds(-1),
            Duration.ofDays(36_501),
            Duration.ofSeconds(Long.MAX_VALUE),
            Duration.ofSeconds(Long.MIN_VALUE))) {
      assertInvalid("ttl", () -> store.set("k", "v", ttl));
      assertInvalid("ttl", () -> store.setIfAbsent("k", "v", ttl));
      assertInvalid("ttl", () -> store.increment("k", 1, ttl));
      assertInvalid("ttl", () -> store.expire("k", ttl));
    }
    assertInvalid("ttl", () -> store.expire("k", null));
    store.set("k", "v", KvLimits.LONGEST_TTL);
    assertThat(store.timeToLive("k").orElseThrow()).isGreaterThan(Duration.ofDays(36_499));
    assertThat(store.delete("k")).isTrue();
  }

  @Test
  void nullIsNoValueAndJsonNullIs() {
    KeyValueStore<String> store = store();
    assertInvalid("value", () -> store.set("k", null));
    assertInvalid("value", () -> store.getAndSet("k", null));
    assertInvalid(
        "value",
        () -> {
          store.setAll(Collections.singletonMap("k", null));
          return null;
        });
  }

  @Test
  void characterZeroIsRefusedInJsonAndAllowedWhereItIsNone() {
    KeyValueStore<String> store = store();
    assertInvalid("value", () -> store.set("k", "a\u0000b"));
    assertInvalid("value", () -> howdah.kv("input", Codec.rawJson()).set("k", "\"\\u0000\""));
    assertInvalid("value", () -> howdah.kv("input", Codec.rawJson()).set("k", "\"\\\\\\u0000\""));
    String notZero = "a\\u0000b";
    store.set("k", notZero);
    assertThat(store.get("k")).contains(notZero);
    assertThat(store.delete("k")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "nope",
        "{\"a\":}",
        "[1,]",
        "1 2",
        "\"\\ud800\"",
        "\"\\ude00\"",
        "'x'",
        "{\"a\":NaN}",
        "1e131072",
        "[1e-16384]"
      })
  void malformedJsonIsRefused(String json) {
    KeyValueStore<String> raw = howdah.kv("input", Codec.rawJson());
    assertInvalid("value", () -> raw.set("k", json));
    assertThatThrownBy(() -> raw.async().set("k", json).toCompletableFuture().join())
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(InvalidArgumentException.class),
            e -> assertThat(e).hasCauseInstanceOf(InvalidArgumentException.class));
    assertInvalid("patch", () -> raw.patch("k", json));
    assertInvalid("contains", () -> raw.find(json));
  }

  @Test
  void valueOverTheConfiguredLimitIsRefused() {
    try (var small =
        configure(io.howdah.Howdah.builder(io.howdah.testing.TestPostgres.url()).schema(schema))
            .maxValueBytes(100)
            .open()) {
      KeyValueStore<String> store = small.kv("input", String.class);
      assertInvalid("value", () -> store.set("k", "x".repeat(99)));
      store.set("k", "x".repeat(98));
      assertThat(store.delete("k")).isTrue();
    }
  }

  @Test
  void pagesHaveOneTo10000Rows() {
    assertInvalid("maxRows", () -> store().scan("", "", 0));
    assertInvalid("maxRows", () -> store().scan("", "", 10_001));
  }

  @Test
  void beginningsOfKeysAndOfPagesAreTexts() {
    KeyValueStore<String> store = store();
    for (String text : java.util.Arrays.asList(null, "a\u0000b", "\uD83D")) {
      assertInvalid("prefix", () -> store.scan(text));
      assertInvalid("prefix", () -> store.scan(text, "", 1));
      assertInvalid("after", () -> store.scan("", text, 1));
      assertInvalid("after", () -> store.find("1", text, 1));
      assertInvalid("prefix", () -> store.count(text));
    }
    assertInvalid("contains", () -> store.find(null));
    assertThat(store.scan("x".repeat(2_000), "y".repeat(2_000), 1)).isEmpty();
  }

  /** A number in a few bytes of jsonb may be 128 KiB of text. */
  @Test
  void numbersCountAsTheyAreWritten() {
    KeyValueStore<String> raw = howdah.kv("input", Codec.rawJson());
    String few = "[" + "1e131071,".repeat(120) + "1]";
    String many = "[" + "1e131071,".repeat(130) + "1]";
    assertInvalid("value", () -> raw.set("k", many));
    assertInvalid("patch", () -> raw.patch("k", many));
    raw.set("k", few);
    assertThat(raw.get("k").orElseThrow()).hasSizeGreaterThan(120 * 131_072);
    assertThat(raw.delete("k")).isTrue();
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    io.howdah.Howdah.Builder builder =
        io.howdah.Howdah.builder(io.howdah.testing.TestPostgres.url());
    assertInvalid("lanes", () -> builder.lanes(0));
    assertInvalid("lanes", () -> builder.lanes(33));
    assertInvalid("callTimeout", () -> builder.callTimeout(Duration.ZERO));
    assertInvalid("lockTimeout", () -> builder.lockTimeout(Duration.ofMinutes(1)));
    assertInvalid("maxValueBytes", () -> builder.maxValueBytes(0));
    assertInvalid("schema", () -> builder.schema("Robert'); DROP TABLE x;--").open());
    assertInvalid("jdbcUrl", () -> io.howdah.Howdah.builder("jdbc:mysql://x"));
  }

  /** The same, of the SQL functions: what a psql user gets. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "22023|SELECT $.kv_set('input', '', '1')",
        "22023|SELECT $.kv_set('input', repeat('k', 1025), '1')",
        "22023|SELECT $.kv_set('', 'k', '1')",
        "22023|SELECT $.kv_set(repeat('n', 65), 'k', '1')",
        "22023|SELECT $.kv_set(NULL, 'k', '1')",
        "22023|SELECT $.kv_set('input', NULL, '1')",
        "22023|SELECT $.kv_set('input', 'k', NULL)",
        "22023|SELECT $.kv_set_bytes('input', 'k', NULL)",
        "22023|SELECT $.kv_set('input', 'k', '1', interval '0')",
        "22023|SELECT $.kv_set('input', 'k', '1', interval '-1 s')",
        "22023|SELECT $.kv_set('input', 'k', '1', interval '100001 days')",
        "22023|SELECT $.kv_set_if_absent('input', '', '1')",
        "22023|SELECT $.kv_replace('input', '', '1')",
        "22023|SELECT $.kv_cas('input', '', 1, '1')",
        "22023|SELECT $.kv_exchange('input', '', '1')",
        "22023|SELECT $.kv_increment('input', '')",
        "22023|SELECT $.kv_increment('input', 'k', NULL)",
        "22023|SELECT $.kv_increment('input', 'k', 1, interval '0')",
        "22023|SELECT $.kv_expire('input', 'k', NULL)",
        "22023|SELECT $.kv_expire('input', 'k', interval '0')",
        "22023|SELECT $.kv_patch('input', 'k', NULL)",
        "22023|SELECT $.kv_set_many('input', ARRAY['a', ''], ARRAY['1', '2']::jsonb[])",
        "22023|SELECT $.kv_set_many('input', ARRAY['a', 'b'], ARRAY['1']::jsonb[])",
        "22023|SELECT $.kv_set_many('input', ARRAY['a', 'b'], ARRAY['1', NULL]::jsonb[])",
        "22023|SELECT $.kv_set_many('input', ARRAY['a'], ARRAY['1']::jsonb[], interval '0')",
        "22023|SELECT * FROM $.kv_scan('input', max_rows => 0)",
        "22023|SELECT * FROM $.kv_scan('input', max_rows => 10001)",
        "22P02|SELECT $.kv_set('input', 'k', '{')",
        "22P05|SELECT $.kv_set('input', 'k', '\"\\u0000\"')",
        "22023|SELECT $.kv_set('input', 'k', to_jsonb(repeat('x', 16777215)))",
        "22023|SELECT $.kv_set_bytes('input', 'k', decode(repeat('00', 16777217), 'hex'))",
        "22023|SELECT $.kv_set('input', 'k', ('[' || repeat('1e131071,', 130) || '1]')::jsonb)",
        "22023|SELECT $.kv_set_if_absent('input', 'k', ('[' || repeat('1e131071,', 130) || '1]')::jsonb)",
        "22023|SELECT $.kv_replace('input', 'k', ('[' || repeat('1e131071,', 130) || '1]')::jsonb)",
        "22023|SELECT $.kv_cas('input', 'k', 1, ('[' || repeat('1e131071,', 130) || '1]')::jsonb)",
        "22023|SELECT $.kv_exchange('input', 'k', ('[' || repeat('1e131071,', 130) || '1]')::jsonb)",
        "22023|SELECT $.kv_set_many('input', ARRAY['k'], ARRAY[('[' || repeat('1e131071,', 130) || '1]')::jsonb])",
        "22003|SELECT $.kv_set('input', 'k', '1e131072')",
        "22023|SELECT * FROM $.kv_find('input', NULL)",
        "HD003|SELECT * FROM $.kv_find('input', '1')",
        "22023|SELECT $.namespace_create('')",
        "22023|SELECT $.namespace_create('x', 'sturdy')",
        "22023|SELECT $.namespace_create('x', on_full => 'panic')",
        "22023|SELECT $.namespace_create('x', default_ttl => interval '0')",
        "22023|SELECT $.namespace_create('x', max_entries => 0)",
        "22023|SELECT $.namespace_move('x', NULL)"
      })
  void sqlFunctionsRefuseWithADocumentedState(String stateAndSql) throws SQLException {
    int bar = stateAndSql.indexOf('|');
    try (Connection connection = connect()) {
      assertThatThrownBy(() -> sql(connection, stateAndSql.substring(bar + 1)))
          .isInstanceOfSatisfying(
              SQLException.class,
              e -> assertThat(e.getSQLState()).isEqualTo(stateAndSql.substring(0, bar)));
    }
  }

  @Test
  void expectedVersionNullIsNoVersion() {
    assertThat(sql("SELECT $.kv_cas('input', 'k', NULL, '1')")).containsExactly((String) null);
    assertThat(sql("SELECT $.kv_delete_if('input', 'k', NULL)")).containsExactly("f");
  }

  @Test
  void databaseLimitIsASettingOfTheDatabase() throws SQLException {
    try (Connection connection = connect()) {
      assertThat(sql(connection, "SELECT set_config('howdah.max_value_bytes', '3000000', false)"))
          .hasSize(1);
      assertThatThrownBy(() ->
              sql(
                  connection,
                  "SELECT $.kv_set_bytes('input', 'k', decode(repeat('00', 3000001), 'hex'))"))
          .hasMessageContaining("at most 3000000 bytes");
    }
  }

  @Test
  void codecThatGivesNothingIsRefused() {
    Codec<String> broken =
        new Codec<>() {
          @Override
          public Encoded encode(String value) {
            return new Encoded(null, null);
          }

          @Override
          public String decode(Encoded stored) {
            throw new HowdahException(ErrorCode.CODEC, "never");
          }

          @Override
          public Kind kind() {
            return Kind.JSON;
          }
        };
    assertInvalid("value", () -> howdah.kv("input", broken).set("k", "v"));
  }
}
