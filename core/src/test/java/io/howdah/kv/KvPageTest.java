package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Codec;
import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.engine.EngineMetrics;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers with many values: how large they get, and values of both kinds beside each other. */
class KvPageTest extends HowdahTest {
  private static final int PAGE = 16 << 20;

  private record Sent(String operation, int calls) {}

  private final Queue<Sent> statements = new ConcurrentLinkedQueue<>();

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder
        .lanes(2)
        .callTimeout(Duration.ofSeconds(60))
        .metrics(
            new EngineMetrics() {
              @Override
              public void statement(String operation, int calls, long queuedNanos, long ranNanos) {
                statements.add(new Sent(operation, calls));
              }
            });
  }

  @BeforeEach
  void forgetEarlierStatements() {
    statements.clear();
  }

  private static int size(Codec.Encoded value) {
    return value.json() != null ? value.json().length() : value.bytes().length;
  }

  /** Compressed they are a hundredth; as numbers, a thousandth. */
  @Tag("full")
  @Test
  void pageEndsWhereItsValuesGetTooLargeTogether() {
    String namespace = "pages";
    sql(
        "SELECT $.kv_set(?, 'j' || i, jsonb_build_object('a', repeat('x', 6000000))) FROM generate_series(1, 7) AS i",
        namespace);
    sql(
        "SELECT $.kv_set_bytes(?, 'b' || i, decode(repeat('00', 6000000), 'hex')) FROM generate_series(1, 7) AS i",
        namespace);
    sql(
        "SELECT $.kv_set(?, 'n' || i, ('[' || repeat('1e131071,', 40) || '1]')::jsonb) FROM generate_series(1, 7) AS i",
        namespace);
    sql("SELECT $.kv_set(?, 'huge', jsonb_build_object('a', repeat('x', 16777000)))", namespace);
    KeyValueStore<Codec.Encoded> store = howdah.kv(namespace, Codec.either());
    String after = "";
    List<String> keys = new ArrayList<>();
    int pages = 0;
    while (true) {
      List<KeyValue<Codec.Encoded>> page = store.scan("", after, 10_000);
      if (page.isEmpty()) {
        break;
      }
      assertThat(page.stream().mapToLong(row -> size(row.value())).sum()).isLessThanOrEqualTo(PAGE);
      page.forEach(row -> keys.add(row.key()));
      after = keys.get(keys.size() - 1);
      pages++;
    }
    assertThat(keys).hasSize(22).isSorted().doesNotHaveDuplicates();
    assertThat(pages).isLessThanOrEqualTo(14);
    assertThat(sql("SELECT key FROM $.kv_scan(?, 'j')", namespace)).containsExactly("j1", "j2");
    assertThat(sql("SELECT key FROM $.kv_scan(?, 'n', 'n2')", namespace))
        .containsExactly("n3", "n4", "n5");
    assertThat(store.scan("").map(KeyValue::key)).isEqualTo(keys);
  }

  @Test
  void pageOfASearchEndsThereToo() {
    howdah.namespaces().create("found", NamespaceSettings.of(Durability.RELAXED).asSearchable());
    sql(
        "SELECT $.kv_set('found', 'j' || i, jsonb_build_object('n', 1, 'a', repeat('x', 6000000))) FROM generate_series(1, 5) AS i");
    KeyValueStore<String> store = howdah.kv("found", Codec.rawJson());
    assertThat(store.find("{\"n\":1}", "", 100).stream().map(KeyValue::key))
        .containsExactly("j1", "j2");
    assertThat(store.find("{\"n\":1}").map(KeyValue::key))
        .containsExactly("j1", "j2", "j3", "j4", "j5");
    assertThat(sql("SELECT key FROM $.kv_find('found', '{\"n\":1}', 'j3')"))
        .containsExactly("j4", "j5");
  }

  /** The values that are over the budget come with nothing, and are asked for again, alone. */
  @ParameterizedTest
  @EnumSource(
      value = Durability.class,
      names = {"EPHEMERAL", "DURABLE"})
  void batchOfReadsBringsNoMoreThanItsBudget(Durability durability) {
    String namespace = "batch-" + durability;
    howdah.namespaces().create(namespace, durability);
    sql(
        "SELECT $.kv_set(?, 'j' || i, jsonb_build_object('a', repeat('x', 3000000))) FROM generate_series(1, 20) AS i",
        namespace);
    sql(
        "SELECT $.kv_set(?, 'n' || i, ('[' || repeat('1e131071,', 4) || '1]')::jsonb) FROM generate_series(1, 20) AS i",
        namespace);
    sql(
        "SELECT $.kv_set_bytes(?, 'b' || i, decode(repeat('00', 1000000), 'hex')) FROM generate_series(1, 20) AS i",
        namespace);
    sql("SELECT $.kv_set(?, 's' || i, to_jsonb(i)) FROM generate_series(1, 20) AS i", namespace);
    String keys =
        "(SELECT array_agg(k || i) FROM unnest(ARRAY['j','n','b','s']) AS k, generate_series(1, 20) AS i)";
    String budget = Integer.toString((4 << 20) / 80);
    String texts = "array_to_string(" + keys + ", ','), ',', " + budget + ")";
    String names = "array_to_string(array_fill(?::text, ARRAY[80]), ',')";
    String sum =
        "SELECT count(*) || ' ' || count(coalesce(value, encode(bytes, 'hex'))) || ' ' || coalesce(sum(octet_length(value)), 0) FROM ";
    String table = KvTables.of(durability);
    for (String from :
        List.of(
            "$.kv_batch_get(array_fill(?::text, ARRAY[80]), " + keys + ", " + budget + ")",
            "$._" + table + "_quick_batch_get(" + names + ", " + texts,
            "$._" + table + "_quick_batch_get_entry(" + names + ", " + texts)) {
      assertThat(sql(sum + from, namespace)).as(from).containsExactly("80 20 31");
    }
    KeyValueStore<Codec.Encoded> store = howdah.kv(namespace, Codec.either());
    assertThat(store.getAll(List.of("j1", "n1", "b1", "s1", "none")).keySet())
        .containsExactly("j1", "n1", "b1", "s1");
    List<CompletableFuture<Integer>> entries = new ArrayList<>();
    for (String key : List.of("s1", "j1", "n1", "b1", "s2", "j2", "n2", "b2")) {
      entries.add(
          store
              .async()
              .getEntry(key)
              .thenApply(entry -> size(entry.orElseThrow().value()))
              .toCompletableFuture());
    }
    assertThat(entries.stream().map(CompletableFuture::join))
        .containsExactly(
            1, 3_000_009, 4 * 131_074 + 3, 1_000_000, 1, 3_000_009, 4 * 131_074 + 3, 1_000_000);
  }

  /** Between a page of keys and their bytes, somebody might have deleted them all. */
  @Test
  void scanOfBytesIsOneStatementAPage() {
    KeyValueStore<byte[]> blobs = howdah.kv("blobs", byte[].class);
    Map<String, byte[]> values = new HashMap<>();
    for (int i = 0; i < 1_200; i++) {
      values.put(String.format("k%04d", i), new byte[] {(byte) i});
    }
    blobs.setAll(values);
    statements.clear();
    assertThat(blobs.scan("")).hasSize(1_200);
    assertThat(statements.stream().filter(sent -> sent.operation().equals("kv_scan")))
        .containsOnly(new Sent("kv_scan", 1))
        .hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ephemeral", "durable"})
  void storeOfEitherKindReadsAndWritesBoth(String durability) {
    String namespace = "mixed-" + durability;
    howdah.namespaces().create(namespace, Durability.ofSqlName(durability));
    KeyValueStore<Codec.Encoded> store = howdah.kv(namespace, Codec.either());
    Codec.Encoded json = Codec.Encoded.json("{\"a\": 1}");
    Codec.Encoded bytes = Codec.Encoded.bytes(new byte[] {0, 1, (byte) 0xFF});
    store.setAll(Map.of("json", json, "bytes", bytes));
    assertThat(text(store.get("json").orElseThrow())).isEqualTo("{\"a\": 1}");
    assertThat(text(store.get("bytes").orElseThrow())).isEqualTo("0001ff");
    assertThat(store.get("none")).isEmpty();
    assertThat(text(store.getEntry("bytes").orElseThrow().value())).isEqualTo("0001ff");
    assertThat(
            store.getAll(List.of("json", "none", "bytes")).values().stream().map(KvPageTest::text))
        .containsExactly("{\"a\": 1}", "0001ff");
    assertThat(store.scan("").map(row -> text(row.value())))
        .containsExactly("0001ff", "{\"a\": 1}");
    assertThat(text(store.getAndSet("json", bytes).orElseThrow())).isEqualTo("{\"a\": 1}");
    assertThat(text(store.getAndSet("json", json).orElseThrow())).isEqualTo("0001ff");
    assertThat(store.getAndSet("new", json)).isEmpty();
    assertThat(text(store.patch("json", "{\"b\":2}").orElseThrow()))
        .isEqualTo("{\"a\": 1, \"b\": 2}");
    assertThatThrownBy(() -> store.patch("bytes", "{}"))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_KIND));
    assertThat(text(store.update("bytes", before -> json))).isEqualTo("{\"a\": 1}");
    assertThat(text(store.take("bytes").orElseThrow())).isEqualTo("{\"a\": 1}");
    assertThat(store.take("bytes")).isEmpty();
    assertThat(text(store.async().take("json").toCompletableFuture().join().orElseThrow()))
        .isEqualTo("{\"a\": 1, \"b\": 2}");
    howdah.transaction(tx -> {
      tx.kv(namespace, Codec.either()).set("joined", bytes);
      assertThat(text(tx.kv(namespace, Codec.either()).take("joined").orElseThrow()))
          .isEqualTo("0001ff");
    });
  }

  private static String text(Codec.Encoded value) {
    return value.json() != null ? value.json() : java.util.HexFormat.of().formatHex(value.bytes());
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void readsOfEntriesShareStatements(Durability durability) {
    String namespace = "entries-" + durability;
    howdah.namespaces().create(namespace, durability);
    KeyValueStore<Codec.Encoded> store = howdah.kv(namespace, Codec.either());
    long version = store.set("json", Codec.Encoded.json("1"), Duration.ofHours(1));
    store.set("bytes", Codec.Encoded.bytes("b".getBytes(StandardCharsets.UTF_8)));
    Entry<Codec.Encoded> alone = store.getEntry("json").orElseThrow();
    statements.clear();
    Threads.run(
        8,
        thread -> {
          List<CompletableFuture<java.util.Optional<Entry<Codec.Encoded>>>> found =
              new ArrayList<>();
          for (int i = 0; i < 100; i++) {
            for (String key : List.of("json", "bytes", "none" + i)) {
              found.add(store.async().getEntry(key).toCompletableFuture());
            }
          }
          for (int i = 0; i < found.size(); i += 3) {
            Entry<Codec.Encoded> json = found.get(i).join().orElseThrow();
            assertThat(json.value().json()).isEqualTo("1");
            assertThat(json.version()).isEqualTo(version);
            assertThat(json.expiresAt()).isEqualTo(alone.expiresAt());
            assertThat(json.createdAt()).isEqualTo(alone.createdAt());
            assertThat(json.updatedAt()).isEqualTo(alone.updatedAt());
            assertThat(json.timeToLive().orElseThrow())
                .isBetween(Duration.ofMinutes(58), Duration.ofHours(1));
            Entry<Codec.Encoded> bytes = found.get(i + 1).join().orElseThrow();
            assertThat(bytes.value().bytes()).containsExactly('b');
            assertThat(bytes.expiresAt()).isEmpty();
            assertThat(bytes.timeToLive()).isEmpty();
            assertThat(found.get(i + 2).join()).isEmpty();
          }
          return true;
        });
    assertThat(statements.stream().filter(sent -> sent.operation().equals("kv_get_entry")))
        .hasSizeLessThan(8 * 300 / 4);
  }
}
