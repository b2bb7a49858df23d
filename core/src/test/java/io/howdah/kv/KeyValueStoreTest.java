package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Codec;
import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.TypeRef;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everything that a store does, alone; in a namespace of each durability where it may matter. */
class KeyValueStoreTest extends HowdahTest {
  record Cart(String owner, List<String> items) {}

  private static final Cart CART = new Cart("ann", List.of("rug", "lamp"));

  private KeyValueStore<Cart> carts(Durability durability) {
    String name = "carts-" + durability + "-" + UUID.randomUUID();
    assertThat(howdah.namespaces().create(name, durability)).isTrue();
    return howdah.kv(name, Cart.class);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void valueThatWasSetIsThereUntilItIsDeleted(Durability durability) {
    KeyValueStore<Cart> carts = carts(durability);
    assertThat(carts.get("c")).isEmpty();
    assertThat(carts.exists("c")).isFalse();
    assertThat(carts.set("c", CART)).isPositive();
    assertThat(carts.get("c")).contains(CART);
    assertThat(carts.exists("c")).isTrue();
    assertThat(carts.delete("c")).isTrue();
    assertThat(carts.delete("c")).isFalse();
    assertThat(carts.get("c")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void valueIsGoneTheMomentItEnds(Durability durability) {
    KeyValueStore<Cart> carts = carts(durability);
    carts.set("c", CART, Duration.ofMinutes(10));
    age(carts.namespace(), 540);
    assertThat(carts.get("c")).contains(CART);
    assertThat(carts.timeToLive("c").orElseThrow()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
    age(carts.namespace(), 60);
    assertThat(carts.get("c")).isEmpty();
    assertThat(carts.getEntry("c")).isEmpty();
    assertThat(carts.exists("c")).isFalse();
    assertThat(carts.timeToLive("c")).isEmpty();
    assertThat(carts.getAll(List.of("c"))).isEmpty();
    assertThat(carts.scan("")).isEmpty();
    assertThat(carts.count("")).isZero();
    assertThat(carts.replace("c", CART)).isEmpty();
    assertThat(carts.expire("c", Duration.ofMinutes(1))).isFalse();
    assertThat(carts.persist("c")).isFalse();
    assertThat(carts.patch("c", "{}")).isEmpty();
    assertThat(carts.delete("c")).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void deadValueGivesWayAndANewLifeBegins(Durability durability) {
    KeyValueStore<Cart> carts = carts(durability);
    long dead = carts.set("c", CART, Duration.ofMinutes(1));
    Entry<Cart> before = carts.getEntry("c").orElseThrow();
    age(carts.namespace(), 61);
    OptionalLong reborn = carts.setIfAbsent("c", CART);
    assertThat(reborn.orElseThrow()).isGreaterThan(dead);
    Entry<Cart> after = carts.getEntry("c").orElseThrow();
    assertThat(after.createdAt()).isAfterOrEqualTo(before.createdAt());
    assertThat(after.createdAt()).isEqualTo(after.updatedAt());
    assertThat(after.expiresAt()).isEmpty();
  }

  @Test
  void setWithoutTimeToLiveTakesAnEarlierOneAway() {
    KeyValueStore<Cart> carts = carts(Durability.EPHEMERAL);
    carts.set("c", CART, Duration.ofMinutes(1));
    carts.set("c", CART);
    assertThat(carts.timeToLive("c")).isEmpty();
    assertThat(carts.getEntry("c").orElseThrow().expiresAt()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void valueWithoutTimeToLiveGetsTheDefaultOfItsNamespace(Durability durability) {
    String name = "defaults-" + durability;
    howdah
        .namespaces()
        .create(name, NamespaceSettings.of(durability).withDefaultTtl(Duration.ofHours(1)));
    KeyValueStore<Long> numbers = howdah.kv(name, Long.class);
    numbers.set("set", 1L);
    assertThat(numbers.setIfAbsent("absent", 1L)).isPresent();
    numbers.increment("counter");
    numbers.setAll(Map.of("all", 1L));
    numbers.set("own", 1L, Duration.ofDays(1));
    for (String key : List.of("set", "absent", "counter", "all")) {
      assertThat(numbers.timeToLive(key).orElseThrow())
          .as(key)
          .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
    }
    assertThat(numbers.timeToLive("own").orElseThrow()).isGreaterThan(Duration.ofHours(23));
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void updateKeepsTheEndWhateverTheDefaultOfTheNamespaceIs(Durability durability) {
    String name = "default-and-update-" + durability;
    howdah
        .namespaces()
        .create(name, NamespaceSettings.of(durability).withDefaultTtl(Duration.ofHours(1)));
    KeyValueStore<Long> numbers = howdah.kv(name, Long.class);
    numbers.set("n", 1L, Duration.ofDays(1));
    Entry<Long> before = numbers.getEntry("n").orElseThrow();
    assertThat(numbers.update("n", n -> n.orElseThrow() + 1)).isEqualTo(2);
    assertThat(numbers.getEntry("n").orElseThrow().expiresAt()).isEqualTo(before.expiresAt());
    assertThat(numbers.persist("n")).isTrue();
    assertThat(numbers.update("n", n -> n.orElseThrow() + 1)).isEqualTo(3);
    assertThat(numbers.getEntry("n").orElseThrow().expiresAt()).isEmpty();
    // What did not exist gets the default.
    assertThat(numbers.update("new", n -> n.orElse(0L))).isZero();
    assertThat(numbers.timeToLive("new").orElseThrow())
        .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void compareAndSetKeepingEndKeepsItWhateverTheDefaultOfTheNamespaceIs(Durability durability) {
    String name = "default-and-cas-" + durability;
    howdah
        .namespaces()
        .create(name, NamespaceSettings.of(durability).withDefaultTtl(Duration.ofHours(1)));
    KeyValueStore<Long> numbers = howdah.kv(name, Long.class);
    long first = numbers.set("n", 1L, Duration.ofDays(1));
    Entry<Long> before = numbers.getEntry("n").orElseThrow();
    long second = numbers.compareAndSetKeepingEnd("n", first, 2L).orElseThrow();
    assertThat(numbers.getEntry("n").orElseThrow().expiresAt()).isEqualTo(before.expiresAt());
    assertThat(numbers.compareAndSetKeepingEnd("n", first, 3L)).isEmpty();
    assertThat(numbers.persist("n")).isTrue();
    assertThat(numbers.compareAndSetKeepingEnd("n", second, 4L)).isPresent();
    assertThat(numbers.getEntry("n").orElseThrow().expiresAt()).isEmpty();
    assertThat(numbers.get("n")).contains(4L);
    assertThat(numbers.compareAndSetKeepingEnd("none", first, 5L)).isEmpty();
    long end = numbers.set("ended", 1L, Duration.ofSeconds(30));
    age(name, 31);
    assertThat(numbers.compareAndSetKeepingEnd("ended", end, 2L)).isEmpty();
  }

  @Test
  void compareAndSetKeepingEndOfRacingCallersOneWins() {
    KeyValueStore<Integer> numbers = howdah.kv("cas-race", Integer.class);
    long version = numbers.set("n", -1, Duration.ofHours(1));
    List<Boolean> won =
        Threads.run(8, thread -> numbers.compareAndSetKeepingEnd("n", version, thread).isPresent());
    assertThat(won).containsOnlyOnce(true);
    assertThat(numbers.get("n").map(won::get)).contains(true);
    assertThat(numbers.timeToLive("n")).isPresent();
  }

  @Test
  void setIfAbsentAndReplaceLookAtPresence() {
    KeyValueStore<Cart> carts = carts(Durability.EPHEMERAL);
    assertThat(carts.replace("c", CART)).isEmpty();
    assertThat(carts.setIfAbsent("c", CART, Duration.ofMinutes(1))).isPresent();
    assertThat(carts.setIfAbsent("c", new Cart("bob", List.of()))).isEmpty();
    assertThat(carts.get("c")).contains(CART);
    assertThat(carts.replace("c", new Cart("bob", List.of()))).isPresent();
    assertThat(carts.get("c").orElseThrow().owner()).isEqualTo("bob");
    assertThat(carts.timeToLive("c")).isEmpty();
  }

  @Test
  void compareAndSetAndDeleteIfLookAtTheVersion() {
    KeyValueStore<Cart> carts = carts(Durability.DURABLE);
    long first = carts.set("c", CART);
    assertThat(carts.compareAndSet("c", first + 1, CART)).isEmpty();
    long second = carts.compareAndSet("c", first, CART, Duration.ofMinutes(1)).orElseThrow();
    assertThat(second).isGreaterThan(first);
    assertThat(carts.timeToLive("c")).isPresent();
    assertThat(carts.compareAndSet("c", first, CART)).isEmpty();
    assertThat(carts.deleteIf("c", first)).isFalse();
    assertThat(carts.deleteIf("c", second)).isTrue();
    assertThat(carts.compareAndSet("c", second, CART)).isEmpty();
    assertThat(carts.deleteIf("c", second)).isFalse();
  }

  @Test
  void versionsDoNotRepeatAfterADelete() {
    KeyValueStore<Long> numbers = howdah.kv("versions", Long.class);
    long last = 0;
    for (int i = 0; i < 200; i++) {
      long version = numbers.set("k", 1L);
      assertThat(version).isGreaterThan(last);
      last = version;
      if (i % 2 == 0) {
        assertThat(numbers.delete("k")).isTrue();
      }
    }
  }

  @Test
  void exchangeAndTakeReturnWhatWasThere() {
    KeyValueStore<Cart> carts = carts(Durability.EPHEMERAL);
    assertThat(carts.getAndSet("c", CART, Duration.ofMinutes(1))).isEmpty();
    assertThat(carts.getAndSet("c", new Cart("bob", List.of()))).contains(CART);
    assertThat(carts.timeToLive("c")).isEmpty();
    assertThat(carts.take("c").orElseThrow().owner()).isEqualTo("bob");
    assertThat(carts.take("c")).isEmpty();
    carts.set("c", CART, Duration.ofMinutes(1));
    age(carts.namespace(), 61);
    assertThat(carts.getAndSet("c", CART, Duration.ofMinutes(1))).isEmpty();
    age(carts.namespace(), 61);
    assertThat(carts.take("c")).isEmpty();
  }

  @Test
  void incrementCountsFromZeroAndKeepsTheEnd() {
    KeyValueStore<Long> numbers = howdah.kv("counters", Long.class);
    assertThat(numbers.increment("n")).isEqualTo(1);
    assertThat(numbers.increment("n", 41)).isEqualTo(42);
    assertThat(numbers.increment("n", -2, Duration.ofMinutes(1))).isEqualTo(40);
    assertThat(numbers.increment("n")).isEqualTo(41);
    assertThat(numbers.timeToLive("n")).isPresent();
    assertThat(numbers.get("n")).contains(41L);
    age("counters", 61);
    assertThat(numbers.increment("n")).isEqualTo(1);
    assertThat(numbers.timeToLive("n")).isEmpty();
  }

  @Test
  void incrementPastTheRangeOrOfNoIntegerIsRefused() {
    KeyValueStore<Object> any = howdah.kv("counters2", Object.class);
    any.set("max", Long.MAX_VALUE);
    any.set("text", "1");
    any.set("fraction", 1.5);
    any.set("huge", new java.math.BigInteger("99999999999999999999"));
    howdah.kv("counters2", byte[].class).set("bytes", new byte[] {1});
    assertFault(ErrorCode.OUT_OF_RANGE, () -> any.increment("max"));
    assertFault(ErrorCode.OUT_OF_RANGE, () -> any.increment("huge"));
    assertFault(ErrorCode.NOT_AN_INTEGER, () -> any.increment("text"));
    assertFault(ErrorCode.NOT_AN_INTEGER, () -> any.increment("fraction"));
    assertFault(ErrorCode.WRONG_KIND, () -> any.increment("bytes"));
    assertThat(any.get("max")).contains(Long.MAX_VALUE);
    assertThat(any.get("text")).contains("1");
    assertThat(any.increment("max", -1)).isEqualTo(Long.MAX_VALUE - 1);
  }

  @Test
  void expireAndPersistLeaveTheVersion() {
    KeyValueStore<Cart> carts = carts(Durability.EPHEMERAL);
    assertThat(carts.expire("c", Duration.ofMinutes(1))).isFalse();
    long version = carts.set("c", CART);
    assertThat(carts.persist("c")).isFalse();
    assertThat(carts.expire("c", Duration.ofMinutes(1))).isTrue();
    assertThat(carts.timeToLive("c").orElseThrow())
        .isBetween(Duration.ofSeconds(50), Duration.ofMinutes(1));
    assertThat(carts.persist("c")).isTrue();
    assertThat(carts.timeToLive("c")).isEmpty();
    assertThat(carts.getEntry("c").orElseThrow().version()).isEqualTo(version);
  }

  @Test
  void patchMergesAsRfc7396Says() {
    KeyValueStore<Object> docs = howdah.kv("docs", Object.class);
    docs.set("d", Map.of("a", "b", "c", Map.of("d", "e", "f", "g")), Duration.ofMinutes(1));
    assertThat(docs.patch("d", "{\"a\":\"z\",\"c\":{\"f\":null}}"))
        .contains(Map.of("a", "z", "c", Map.of("d", "e")));
    assertThat(docs.timeToLive("d")).isPresent();
    assertThat(docs.patch("d", "[1]")).contains(List.of(1));
    assertThat(docs.patch("d", "{\"x\":{\"y\":null,\"z\":1}}"))
        .contains(Map.of("x", Map.of("z", 1)));
    assertThat(docs.patch("none", "{}")).isEmpty();
  }

  @Test
  void updateRunsAgainWhenAnotherWriterWasFaster() {
    KeyValueStore<Long> numbers = howdah.kv("updates", Long.class);
    assertThat(numbers.update("n", before -> before.orElse(0L) + 1)).isEqualTo(1);
    numbers.expire("n", Duration.ofMinutes(1));
    boolean[] interfered = {false};
    long after =
        numbers.update(
            "n",
            before -> {
              if (!interfered[0]) {
                interfered[0] = true;
                numbers.set("n", 10L, Duration.ofMinutes(1));
              }
              return before.orElseThrow() + 1;
            });
    assertThat(after).isEqualTo(11);
    assertThat(numbers.timeToLive("n")).isPresent();
    assertFault(
        ErrorCode.CONTENTION,
        () ->
            numbers.update(
                "n",
                before -> {
                  numbers.increment("n");
                  return 0L;
                }));
  }

  @Test
  void manyKeysGoInFewCallsAndKeepTheOrderAskedFor() {
    KeyValueStore<Integer> numbers = howdah.kv("many", Integer.class);
    Map<String, Integer> values = new LinkedHashMap<>();
    for (int i = 0; i < 2_500; i++) {
      values.put("k" + i, i);
    }
    numbers.setAll(values, Duration.ofHours(1));
    assertThat(numbers.getAll(values.keySet())).isEqualTo(values);
    assertThat(numbers.getAll(List.of("k7", "nope", "k3", "k7")).keySet())
        .containsExactly("k7", "k3");
    assertThat(numbers.timeToLive("k2499")).isPresent();
    assertThat(numbers.count("k24")).isEqualTo(111);
    assertThat(numbers.deleteAll(values.keySet())).isEqualTo(2_500);
    assertThat(numbers.deleteAll(List.of("k1"))).isZero();
    assertThat(numbers.getAll(List.of())).isEmpty();
  }

  @Test
  void scanIsInByteOrderAndPaged() {
    KeyValueStore<Integer> numbers = howdah.kv("scan", Integer.class);
    Map<String, Integer> values = new LinkedHashMap<>();
    for (int i = 0; i < 1_200; i++) {
      values.put(String.format("p:%04d", i), i);
    }
    values.put("o", -1);
    values.put("p", -2);
    values.put("q", -3);
    values.put("p:\uD83D\uDE00", 2_000);
    values.put("p:\uFFFD", 1_999);
    numbers.setAll(values);
    List<KeyValue<Integer>> all = numbers.scan("p:").toList();
    assertThat(all).hasSize(1_202);
    assertThat(all.stream().map(KeyValue::value).sorted().toList())
        .isEqualTo(all.stream().map(KeyValue::value).toList());
    assertThat(numbers.scan("p:").limit(3).map(KeyValue::key))
        .containsExactly("p:0000", "p:0001", "p:0002");
    assertThat(numbers.scan("p:", "p:1198", 2).stream().map(KeyValue::key))
        .containsExactly("p:1199", "p:\uFFFD");
    assertThat(numbers.scan("zzz")).isEmpty();
    assertThat(numbers.count("")).isEqualTo(values.size());
  }

  @Test
  void bytesKeepTheirBytes() {
    KeyValueStore<byte[]> blobs = howdah.kv("blobs", byte[].class);
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    blobs.set("b", all);
    blobs.setAll(Map.of("empty", new byte[0], "one", new byte[] {1}));
    assertThat(blobs.get("b").orElseThrow()).isEqualTo(all);
    assertThat(blobs.get("empty").orElseThrow()).isEmpty();
    assertThat(blobs.getAll(List.of("b", "one"))).hasSize(2);
    assertThat(blobs.scan("").map(KeyValue::key)).containsExactly("b", "empty", "one");
    assertThat(blobs.getAndSet("b", new byte[] {9}).orElseThrow()).isEqualTo(all);
    assertThat(blobs.take("b").orElseThrow()).containsExactly(9);
  }

  @Test
  void jsonAndBytesDoNotPassForEachOther() {
    KeyValueStore<String> texts = howdah.kv("kinds", String.class);
    KeyValueStore<byte[]> blobs = howdah.kv("kinds", byte[].class);
    texts.set("text", "hello");
    blobs.set("blob", new byte[] {1});
    assertFault(ErrorCode.WRONG_KIND, () -> blobs.get("text"));
    assertFault(ErrorCode.WRONG_KIND, () -> texts.get("blob"));
    assertFault(ErrorCode.WRONG_KIND, () -> texts.getAll(List.of("text", "blob")));
    assertFault(ErrorCode.WRONG_KIND, () -> texts.take("blob"));
    assertFault(ErrorCode.WRONG_KIND, () -> texts.getAndSet("blob", "x"));
    assertFault(ErrorCode.WRONG_KIND, () -> texts.patch("blob", "{}"));
    assertFault(ErrorCode.WRONG_KIND, () -> texts.getEntry("blob"));
    assertThat(blobs.get("blob").orElseThrow()).containsExactly(1);
    texts.set("blob", "now text");
    assertThat(texts.get("blob")).contains("now text");
  }

  @Test
  void valuesOfGenericTypesAndJsonNullComeBack() {
    KeyValueStore<List<Cart>> lists = howdah.kv("lists", new TypeRef<>() {});
    lists.set("l", List.of(CART));
    assertThat(lists.get("l")).contains(List.of(CART));
    KeyValueStore<String> raw = howdah.kv("lists", Codec.rawJson());
    raw.set("null", "null");
    assertThat(raw.get("null")).contains("null");
    assertThat(raw.exists("null")).isTrue();
  }

  @Test
  void valueThatTheCodecCannotReadIsAFaultAndStays() {
    howdah.kv("codec", String.class).set("k", "no cart");
    KeyValueStore<Cart> carts = howdah.kv("codec", Cart.class);
    assertFault(ErrorCode.CODEC, () -> carts.get("k"));
    assertThat(howdah.kv("codec", String.class).get("k")).contains("no cart");
  }

  @Test
  void searchFindsWhatContainsIt() {
    howdah.namespaces().create("search", NamespaceSettings.of(Durability.DURABLE).asSearchable());
    KeyValueStore<Cart> carts = howdah.kv("search", Cart.class);
    carts.setAll(
        Map.of("a", CART, "b", new Cart("bob", List.of("lamp")), "c", new Cart("eve", List.of())));
    carts.set("d", CART, Duration.ofMinutes(1));
    age("search", 61);
    assertThat(carts.find("{\"items\":[\"lamp\"]}").map(KeyValue::key)).containsExactly("a", "b");
    assertThat(carts.find("{\"items\":[\"lamp\"]}", "a", 10).stream().map(KeyValue::key))
        .containsExactly("b");
    assertThat(carts.find("{\"owner\":\"zoe\"}")).isEmpty();
    assertFault(ErrorCode.NOT_SEARCHABLE, () -> howdah.kv("plain", Cart.class).find("{}").toList());
  }

  @Test
  void largestValueFitsAndOneMoreByteDoesNot() {
    KeyValueStore<byte[]> blobs = howdah.kv("large", byte[].class);
    byte[] largest = new byte[16 << 20];
    largest[12_345] = 7;
    blobs.set("b", largest);
    assertThat(blobs.get("b").orElseThrow()).isEqualTo(largest);
    assertThat(blobs.getAll(List.of("b", "none")).get("b")).isEqualTo(largest);
    assertFault(ErrorCode.INVALID_ARGUMENT, () -> blobs.set("b", new byte[(16 << 20) + 1]));
    assertThat(blobs.delete("b")).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void largeJsonWithEscapesIsSetAndPatched(Durability durability) {
    String name = "escapes-" + durability;
    howdah.namespaces().create(name, durability);
    KeyValueStore<Map<String, String>> docs = howdah.kv(name, new TypeRef<>() {});
    String lines = "line\nbreak\t\"quoted\" \\ ".repeat(150_000);
    docs.set("d", Map.of("a", lines));
    assertThat(docs.get("d")).contains(Map.of("a", lines));
    assertThat(docs.patch("d", "{\"b\":\"line\\nbreak\"}"))
        .contains(Map.of("a", lines, "b", "line\nbreak"));
    assertThat(
            sql(
                "SELECT $.kv_patch(?, 'd', jsonb_build_object('c', repeat(E'line\\nbreak', 300000))) ->> 'b'",
                name))
        .containsExactly("line\nbreak");
    assertThat(docs.get("d").orElseThrow()).hasSize(3).containsEntry("a", lines);
  }

  @Test
  void namespaceThatIsThereKeepsItsOtherSettings() {
    Namespaces namespaces = howdah.namespaces();
    NamespaceSettings bounded = NamespaceSettings.of(Durability.RELAXED).withMaxEntries(10);
    namespaces.create("there", bounded);
    howdah.kv("unregistered-yet", Integer.class).set("a", 1);
    assertThat(namespaces.createIfAbsent("there", Durability.RELAXED)).isFalse();
    assertThat(namespaces.createIfAbsent("unregistered-yet", Durability.EPHEMERAL)).isTrue();
    assertThat(namespaces.createIfAbsent("unregistered-yet", Durability.EPHEMERAL)).isFalse();
    assertThat(namespaces.list())
        .filteredOn(namespace -> namespace.name().equals("there"))
        .singleElement()
        .satisfies(namespace -> assertThat(namespace.settings()).isEqualTo(bounded));
    assertFault(
        ErrorCode.NAMESPACE_CONFLICT, () -> namespaces.createIfAbsent("there", Durability.DURABLE));
  }

  @Test
  void namespaceMovesWithItsValues() {
    KeyValueStore<Integer> numbers = howdah.kv("moving", Integer.class);
    numbers.setAll(Map.of("a", 1, "b", 2));
    long version = numbers.getEntry("a").orElseThrow().version();
    assertThat(howdah.namespaces().move("moving", Durability.DURABLE)).isEqualTo(2);
    assertThat(sql("SELECT count(*) FROM $.kv_durable WHERE namespace = 'moving'"))
        .containsExactly("2");
    assertThat(numbers.getEntry("a").orElseThrow().version()).isEqualTo(version);
    assertThat(howdah.namespaces().move("moving", Durability.RELAXED)).isZero();
    assertThat(howdah.namespaces().move("moving", Durability.EPHEMERAL)).isEqualTo(2);
    assertThat(numbers.getAll(List.of("a", "b"))).isEqualTo(Map.of("a", 1, "b", 2));
    assertThat(howdah.namespaces().clear("moving")).isEqualTo(2);
    assertThat(numbers.count("")).isZero();
    assertThat(howdah.namespaces().drop("moving")).isTrue();
    assertThat(howdah.namespaces().drop("moving")).isFalse();
  }

  @Test
  void namespacesAreListedWhetherRegisteredOrNot() {
    howdah.kv("list-unregistered", Integer.class).set("a", 1);
    NamespaceSettings settings =
        new NamespaceSettings(
            Durability.RELAXED,
            true,
            Duration.ofHours(1),
            10L,
            1_000L,
            NamespaceSettings.OnFull.REFUSE);
    assertThat(howdah.namespaces().create("list-registered", settings)).isTrue();
    assertThat(howdah.namespaces().create("list-registered", settings)).isFalse();
    Map<String, Namespaces.Namespace> byName = new LinkedHashMap<>();
    howdah.namespaces().list().forEach(namespace -> byName.put(namespace.name(), namespace));
    assertThat(byName.get("list-registered").settings()).isEqualTo(settings);
    assertThat(byName.get("list-registered").isRegistered()).isTrue();
    assertThat(byName.get("list-unregistered").isRegistered()).isFalse();
    assertThat(byName.get("list-unregistered").settings())
        .isEqualTo(NamespaceSettings.of(Durability.EPHEMERAL));
    assertFault(
        ErrorCode.NAMESPACE_CONFLICT,
        () -> howdah.namespaces().create("list-registered", Durability.RELAXED));
  }

  @Test
  void registeringANameKeepsTheValuesItHasAlready() {
    KeyValueStore<Integer> numbers = howdah.kv("late", Integer.class);
    numbers.set("a", 1);
    howdah.namespaces().create("late", NamespaceSettings.of(Durability.DURABLE).asSearchable());
    assertThat(numbers.get("a")).contains(1);
    assertThat(numbers.find("1").map(KeyValue::key)).containsExactly("a");
  }

  private static void assertFault(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).as(e.toString()).isEqualTo(code));
  }

  @Test
  void asyncCallsDoTheSame() {
    AsyncKeyValueStore<Integer> numbers = howdah.kv("async", Integer.class).async();
    assertThat(numbers.get("a").toCompletableFuture().join()).isEmpty();
    long version = numbers.set("a", 1, Duration.ofMinutes(1)).toCompletableFuture().join();
    assertThat(numbers.get("a").toCompletableFuture().join()).isEqualTo(Optional.of(1));
    long second =
        numbers
            .compareAndSet("a", version, 1, Duration.ofHours(1))
            .toCompletableFuture()
            .join()
            .orElseThrow();
    assertThat(numbers.compareAndSetKeepingEnd("a", second, 2).toCompletableFuture().join())
        .isPresent();
    assertThat(numbers.setIfAbsent("a", 3, null).toCompletableFuture().join()).isEmpty();
    assertThat(numbers.increment("a", 5).toCompletableFuture().join()).isEqualTo(7);
    assertThat(numbers.expire("a", Duration.ofMinutes(1)).toCompletableFuture().join()).isTrue();
    assertThat(numbers.timeToLive("a").toCompletableFuture().join()).isPresent();
    assertThat(numbers.persist("a").toCompletableFuture().join()).isTrue();
    assertThat(numbers.getAndSet("a", 8, null).toCompletableFuture().join()).contains(7);
    assertThat(numbers.replace("a", 9, null).toCompletableFuture().join()).isPresent();
    assertThat(numbers.patch("a", "10").toCompletableFuture().join()).contains(10);
    assertThat(numbers.getEntry("a").toCompletableFuture().join().orElseThrow().value())
        .isEqualTo(10);
    assertThat(numbers.exists("a").toCompletableFuture().join()).isTrue();
    assertThat(numbers.deleteIf("a", 1).toCompletableFuture().join()).isFalse();
    assertThat(numbers.take("a").toCompletableFuture().join()).contains(10);
    assertThat(numbers.delete("a").toCompletableFuture().join()).isFalse();
  }
}
