package io.howdah.bench.functions;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Codec;
import io.howdah.Howdah;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.PostgresServer;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class EngineStatementsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int CALLERS_OF_A_LEVEL = 16;

  private final String schema = TestPostgres.freshSchema(EngineStatementsTest.class);

  @Test
  void areWhatARunningEngineSends() throws Exception {
    Set<String> expected = new HashSet<>();
    for (Durability level : Durability.values()) {
      for (Operation operation : Operation.values()) {
        expected.add(asSent(EngineStatements.of(operation, level, namespace(level)).sql()));
      }
    }

    Set<String> missing = new HashSet<>(expected);
    try (Howdah howdah =
        Howdah.builder(TestPostgres.url() + "&ApplicationName=" + schema).schema(schema).open()) {
      for (Durability level : Durability.values()) {
        howdah.namespaces().create(namespace(level), io.howdah.Durability.valueOf(level.name()));
      }
      whileCalled(howdah, () -> removeSeen(missing));
    } finally {
      dropSchema();
    }

    assertThat(missing).as("statements that the engine does not send").isEmpty();
  }

  private static String namespace(Durability level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  /** The driver numbers the parameters. */
  private String asSent(String sql) {
    AtomicInteger parameter = new AtomicInteger();
    return Pattern.compile("\\?")
        .matcher(sql.replace(PostgresServer.HOWDAH_SCHEMA, schema))
        .replaceAll(mark -> "\\$" + parameter.incrementAndGet());
  }

  /** Many callers, so that the engine batches. */
  private static void whileCalled(Howdah howdah, Watching watching) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> callers = new ArrayList<>();
    for (Durability level : Durability.values()) {
      KeyValueStore<String> store = howdah.kv(namespace(level), Codec.rawJson());
      for (int i = 0; i < CALLERS_OF_A_LEVEL; i++) {
        Thread caller = new Thread(() -> call(store, over, failures));
        callers.add(caller);
        caller.start();
      }
    }
    try {
      watching.watch();
    } finally {
      over.set(true);
      for (Thread caller : callers) {
        caller.join();
      }
    }
    assertThat(failures).isEmpty();
  }

  private static void call(
      KeyValueStore<String> store, AtomicBoolean over, ConcurrentLinkedQueue<Throwable> failures) {
    try {
      while (!over.get()) {
        String key = "k" + ThreadLocalRandom.current().nextInt(1_000);
        store.set(key, "1");
        assertThat(store.get(key)).hasValue("1");
      }
    } catch (Throwable e) {
      failures.add(e);
    }
  }

  private void removeSeen(Set<String> missing) throws SQLException {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      while (!missing.isEmpty() && System.nanoTime() - giveUpAt < 0) {
        String sql = "SELECT query FROM pg_stat_activity WHERE application_name = '" + schema + "'";
        try (ResultSet rows = statement.executeQuery(sql)) {
          while (rows.next()) {
            missing.remove(rows.getString(1));
          }
        }
      }
    }
  }

  private void dropSchema() throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    }
  }

  private interface Watching {
    void watch() throws Exception;
  }
}
