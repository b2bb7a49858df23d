package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Codec;
import io.howdah.Howdah;
import io.howdah.InvalidArgumentException;
import io.howdah.schema.SchemaMode;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A database whose limit is lower than the library's: batches refuse what single writes refuse. */
class KvDatabaseLimitTest extends HowdahTest {
  private static final int LIMIT = 3_000_000;

  /** Opened with the limit as a setting of its connections, as a role or a database may have it. */
  private Howdah limited;

  @BeforeAll
  void openLimited() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(TestPostgres.url());
    dataSource.setOptions("-c howdah.max_value_bytes=" + LIMIT);
    limited =
        Howdah.builder(dataSource)
            .schema(schema)
            .schemaMode(SchemaMode.VALIDATE)
            .lanes(1)
            .callTimeout(Duration.ofSeconds(60))
            .open();
  }

  @AfterAll
  void closeLimited() {
    limited.close();
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidArgumentException.class, e -> assertThat(e.argument()).isEqualTo("value"))
        .hasMessageContaining("at most " + LIMIT + " bytes");
  }

  static List<Function<Integer, Codec.Encoded>> plainKinds() {
    return List.of(
        size -> Codec.Encoded.bytes(new byte[size]),
        size -> Codec.Encoded.json("\"" + "x".repeat(size - 2) + "\""));
  }

  static List<Function<Integer, Codec.Encoded>> kinds() {
    List<Function<Integer, Codec.Encoded>> kinds = new ArrayList<>(plainKinds());
    // A third of it is spaces that Postgres puts in.
    kinds.add(size -> Codec.Encoded.json("[" + "1,".repeat(size / 3) + "1]"));
    return kinds;
  }

  @Tag("full")
  @ParameterizedTest
  @MethodSource("kinds")
  void writeInAJoinedConnectionIsRefusedHoweverItIsMade(Function<Integer, Codec.Encoded> ofSize)
      throws SQLException {
    Codec.Encoded fits = ofSize.apply(LIMIT - 10);
    Codec.Encoded tooLarge = ofSize.apply(LIMIT + 10);
    try (Connection connection = connect()) {
      sql(connection, "SELECT set_config('howdah.max_value_bytes', ?, false)", "" + LIMIT);
      KeyValueStore<Codec.Encoded> store = howdah.on(connection).kv("joined", Codec.either());
      assertRefused(() -> store.set("k", tooLarge));
      assertRefused(() -> store.setAll(Map.of("k", tooLarge, "other", fits)));
      store.setAll(Map.of("k", fits, "other", fits));
      assertRefused(() -> store.replace("k", tooLarge));
      assertRefused(() -> store.getAndSet("k", tooLarge));
      assertThat(store.getAll(List.of("k", "other"))).hasSize(2);
    }
  }

  @ParameterizedTest
  @MethodSource("plainKinds")
  void onlyTheTooLargeOneOfABatchIsRefused(Function<Integer, Codec.Encoded> ofSize) {
    Codec.Encoded tooLarge = ofSize.apply(LIMIT + 10);
    Codec.Encoded small = Codec.Encoded.json("1");
    AsyncKeyValueStore<Codec.Encoded> store = limited.kv("batches", Codec.either()).async();
    List<CompletableFuture<?>> fine = new ArrayList<>();
    List<CompletableFuture<?>> refused = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      fine.add(future(store.set("a" + i, small)));
      refused.add(future(store.set("b" + i, tooLarge)));
      refused.add(future(store.setIfAbsent("c" + i, tooLarge, null)));
      fine.add(future(store.setIfAbsent("d" + i, small, null)));
      // The same key: the one that is refused is not taken for overwritten.
      refused.add(future(store.set("a" + i, tooLarge)));
      fine.add(future(store.set("a" + i, small)));
      refused.add(future(store.replace("a" + i, tooLarge, null)));
      fine.add(future(store.replace("a" + i, small, null)));
    }
    fine.forEach(call -> assertThat(call.join()).isNotNull());
    refused.forEach(call ->
        assertThatThrownBy(call::join)
            .hasCauseInstanceOf(InvalidArgumentException.class)
            .hasMessageContaining("at most " + LIMIT + " bytes"));
  }

  private static CompletableFuture<?> future(CompletionStage<?> stage) {
    return stage.toCompletableFuture();
  }

  @Test
  void invalidJsonIsRefusedBeforeALaterSetCouldHideIt() {
    AsyncKeyValueStore<String> store = limited.kv("merged", Codec.rawJson()).async();
    for (String json : List.of("\"\\ud800\"", "\"\\udc00\\ud800\"", "{\"a\":1e131072}", "nope")) {
      assertThatThrownBy(
              () -> {
                var unused = store.set("k", json);
              })
          .isInstanceOf(InvalidArgumentException.class);
      assertThat(store.set("k", "1").toCompletableFuture().join()).isPositive();
    }
  }
}
