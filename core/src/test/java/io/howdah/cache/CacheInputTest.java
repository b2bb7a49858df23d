package io.howdah.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.InvalidArgumentException;
import io.howdah.testing.HowdahTest;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input is a typed error that names the argument, and changes nothing. */
class CacheInputTest extends HowdahTest {
  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.maxValueBytes(1_000);
  }

  @AfterEach
  void nothingHasChanged() {
    assertThat(
            sql(
                "SELECT (SELECT count(*) FROM $.cache_entry) + (SELECT count(*) FROM $.cache_eviction)"
                    + " + (SELECT count(*) FROM $.cache_load) + (SELECT count(*) FROM $.cache)"))
        .containsExactly("0");
  }

  private static void assertInvalid(String argument, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidArgumentException.class, e -> assertThat(e.argument()).isEqualTo(argument))
        .hasMessageStartingWith(argument + ":");
  }

  @Test
  void textsOutsideTheirLimitsAreRefused() {
    assertInvalid("name", () -> howdah.cache("", String.class));
    assertInvalid("name", () -> howdah.cache("x".repeat(65), String.class));
    assertInvalid("name", () -> howdah.caches().limitEntries("", 1));
    ComputedCache<String> cache = howdah.cache("c", String.class);
    for (String key : new String[] {"", "x".repeat(1025), "a\0b", "\ud800"}) {
      assertInvalid("key", () -> cache.getIfPresent(key));
      assertInvalid("key", () -> cache.get(key, () -> "v"));
      assertInvalid("key", () -> cache.put(key, "v"));
      assertInvalid("key", () -> cache.evict(key));
      assertInvalid("key", () -> cache.evictAll(List.of("a", key)));
      assertInvalid("key", () -> cache.getAll(List.of(key), keys -> Map.of()));
      assertInvalid("key", () -> cache.async().evict(key));
    }
    assertInvalid(
        "keys",
        () -> cache.getAllPresent(IntStream.range(0, 10_001).mapToObj(i -> "k" + i).toList()));
    assertInvalid("tag", () -> cache.evictTag(""));
    assertInvalid("tag", () -> cache.tagged("x".repeat(257)));
    assertInvalid(
        "tags",
        () -> cache.tagged(IntStream.range(0, 33).mapToObj(i -> "t" + i).toArray(String[]::new)));
    assertThat(cache.tagged(Collections.nCopies(40, "t").toArray(String[]::new))).isNotNull();
  }

  @Test
  void valuesAndTimesOutsideTheirLimitsAreRefused() {
    ComputedCache<String> cache = howdah.cache("c", String.class);
    assertInvalid("value", () -> cache.put("k", "x".repeat(1_000)));
    assertInvalid("ttl", () -> cache.put("k", "v", Duration.ZERO));
    assertInvalid("ttl", () -> cache.put("k", "v", Duration.ofDays(36_501)));
    CacheSettings settings = CacheSettings.defaults();
    assertInvalid("ttl", () -> settings.withTtl(Duration.ofSeconds(-1)));
    assertInvalid("staleFor", () -> settings.withStaleFor(Duration.ofSeconds(-1)));
    assertInvalid("emptyTtl", () -> settings.withEmptyTtl(Duration.ofSeconds(-1)));
    assertInvalid("jitter", () -> settings.withJitter(1.1));
    assertInvalid("jitter", () -> settings.withJitter(Double.NaN));
    assertInvalid("lease", () -> settings.withLease(Duration.ofMillis(29)));
    assertInvalid("maxWait", () -> settings.withMaxWait(Duration.ofSeconds(-1)));
    assertInvalid("failurePause", () -> settings.withFailurePause(Duration.ofSeconds(-1)));
    assertInvalid("maxBytes", () -> howdah.caches().limitBytes("c", -1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name | cache_put('', 'k', '1', '1 h')",
        "name | cache_put(NULL, 'k', '1', '1 h')",
        "key | cache_put('c', '', '1', '1 h')",
        "key | cache_put('c', NULL, '1', '1 h')",
        "key | cache_put('c', repeat('x', 1025), '1', '1 h')",
        "ttl | cache_put('c', 'k', '1', NULL)",
        "ttl | cache_put('c', 'k', '1', '0 s')",
        "ttl | cache_put('c', 'k', '1', '-1 h')",
        "ttl | cache_put('c', 'k', '1', '36501 days')",
        "stale_for | cache_put('c', 'k', '1', '1 h', '-1 s')",
        "tag | cache_put('c', 'k', '1', '1 h', tags => '{\"\"}')",
        "tag | cache_put('c', 'k', '1', '1 h', tags => '{NULL}')",
        "tag | cache_put('c', 'k', '1', '1 h', tags => NULL)",
        "tags | cache_put('c', 'k', '1', '1 h', tags => ARRAY(SELECT i::text FROM generate_series(1, 33) AS i))",
        "value | cache_put('c', 'k', to_jsonb(repeat('x', 16777216)), '1 h')",
        "value | cache_put_bytes('c', 'k', decode(repeat('00', 16777217), 'hex'), '1 h')",
        "name | cache_evict('', 'k')",
        "key | cache_evict('c', '')",
        "tag | cache_evict_tag('c', '')",
        "name | cache_clear(NULL)",
        "lease | cache_load_begin('c', 'k', '0 s')",
        "lease | cache_load_begin('c', 'k', NULL)",
        "key | cache_load_begin('c', '')",
        "ttl | cache_load_end('c', 'k', gen_random_uuid(), '1', '0 s')",
        "max_entries | cache_bound('c', 0)",
        "max_bytes | cache_bound('c', NULL, 0)",
      })
  void sqlRefusesTooAndNamesTheArgument(String argument, String call) {
    assertThatThrownBy(() -> sql("SELECT $." + call))
        .hasMessageContaining("ERROR: " + argument + ": ");
  }

  @Test
  void whatIsNotThereIsNoError() {
    assertThat(sql("SELECT count(*) FROM $.cache_get('', NULL)")).containsExactly("0");
    assertThat(sql("SELECT count(*) FROM $.cache_get_many('c', NULL)")).containsExactly("0");
    assertThat(sql("SELECT $.cache_load_end('c', 'k', gen_random_uuid(), '1', '1 h')"))
        .containsExactly("f");
    assertThat(sql("SELECT $.cache_load_abandon('c', 'k', gen_random_uuid())"))
        .containsExactly("f");
  }
}
