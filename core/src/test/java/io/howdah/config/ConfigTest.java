package io.howdah.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.Subscription;
import io.howdah.TypeRef;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What configuration values promise to who uses them, in Java and in SQL. */
class ConfigTest extends HowdahTest {
  private static final ConfigKey<Integer> MAX =
      ConfigKey.of("max", Integer.class, 50).validatedBy(n -> n > 0, "more than 0");
  private static final ConfigKey<List<String>> HOSTS =
      ConfigKey.of("hosts", new TypeRef<List<String>>() {}, List.of("localhost"));

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.pollInterval(Duration.ofMinutes(1));
  }

  @Test
  void valueIsTheDefaultUntilItIsSetAndSeenAtOnce() {
    Config config = howdah.config("basic");
    assertThat(config.read(MAX)).isEqualTo(new ConfigValue<>(50, ConfigOrigin.DEFAULT));
    config.set(MAX, 100, "ann", "summer");
    config.set(HOSTS, List.of("a", "b"), "ann", null);
    assertThat(config.read(MAX)).isEqualTo(new ConfigValue<>(100, ConfigOrigin.STORED));
    assertThat(config.get(HOSTS)).containsExactly("a", "b");
    assertThat(config.unset(MAX, "bob", "")).isTrue();
    assertThat(config.unset(MAX, "bob", "")).isFalse();
    assertThat(config.get(MAX)).isEqualTo(50);
    assertThat(config.get(HOSTS)).containsExactly("a", "b");
  }

  @Test
  void historyHasWhoWhenBeforeAfterAndWhy() {
    Config config = howdah.config("history");
    long first = config.set(MAX, 1, "ann", "try it");
    long second = config.set(MAX, 2, "bob", null);
    assertThat(config.unset(MAX, "ann", "enough")).isTrue();
    assertThat(config.history(MAX))
        .extracting(
            ConfigChange::changedBy,
            ConfigChange::reason,
            ConfigChange::before,
            ConfigChange::after)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "ann", Optional.of("enough"), Optional.of("2"), Optional.empty()),
            org.assertj.core.groups.Tuple.tuple(
                "bob", Optional.empty(), Optional.of("1"), Optional.of("2")),
            org.assertj.core.groups.Tuple.tuple(
                "ann", Optional.of("try it"), Optional.empty(), Optional.of("1")));
    assertThat(second).isGreaterThan(first);
    assertThat(config.history(HOSTS)).isEmpty();
  }

  /** The namespace is durable and notifies from the first change on. */
  @Test
  void firstChangeRegistersTheNamespace() {
    howdah.config("registered").set(MAX, 1, "ann", null);
    assertThat(
            sql("SELECT durability || ' ' || notifies FROM $.namespace WHERE name = 'registered'"))
        .containsExactly("durable true");
    assertThat(howdah.namespaces().create("taken", Durability.EPHEMERAL)).isTrue();
    assertThatThrownBy(() -> howdah.config("taken").set(MAX, 1, "ann", null))
        .isInstanceOfSatisfying(
            HowdahException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.NAMESPACE_CONFLICT));
  }

  /** Nobody polls within a minute here: so it is the notification that brings it. */
  @Test
  void changeIsPushedToOtherProcesses() {
    try (Howdah other = configure(TestPostgres.builder().schema(schema).sweeper(false)).open()) {
      Config there = other.config("pushed");
      Queue<String> heard = new ConcurrentLinkedQueue<>();
      there.onChange(
          HOSTS,
          event -> {
            throw new IllegalStateException("a listener that fails does not disturb the others");
          });
      Subscription subscription =
          there.onChange(MAX, event -> heard.add(event.before() + ">" + event.after()));
      Config here = howdah.config("pushed");
      here.set(MAX, 1, "ann", null);
      here.set(HOSTS, List.of(), "ann", null);
      Eventually.holds("pushed", () -> there.get(MAX) == 1 && there.get(HOSTS).isEmpty());
      assertThat(sql("SELECT $.config_set('pushed', 'max', '2', 'psql', 'by hand')")).hasSize(1);
      Eventually.holds("from psql", () -> there.get(MAX) == 2 && here.get(MAX) == 2);
      assertThat(here.unset(MAX, "ann", null)).isTrue();
      Eventually.holds("told", () -> heard.size() == 3);
      assertThat(heard).containsExactly("50>1", "1>2", "2>50");
      subscription.close();
      here.set(MAX, 3, "ann", null);
      Eventually.holds("still pushed", () -> there.get(MAX) == 3);
      assertThat(heard).hasSize(3);
    }
  }

  @Test
  void whatTheKeyDoesNotAllowIsRefusedOrCountsAsTheDefault() {
    Config config = howdah.config("checked");
    assertThatThrownBy(() -> config.set(MAX, 0, "ann", null))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessage("value: of max more than 0 expected, got 0");
    assertThatThrownBy(() -> MAX.validatedBy(n -> n > 50, "more than 50"))
        .isInstanceOf(InvalidArgumentException.class);
    assertThat(config.history(MAX)).isEmpty();
    for (String bad : List.of("0", "\"many\"", "null")) {
      assertThat(sql("SELECT $.config_set('checked', 'max', ?::jsonb, 'psql', NULL)", bad))
          .hasSize(1);
      config.refresh();
      assertThat(config.read(MAX)).isEqualTo(new ConfigValue<>(50, ConfigOrigin.UNUSABLE));
    }
  }

  @Test
  void transactionChangesValueAndHistoryOrNeither() throws SQLException {
    Config config = howdah.config("joined");
    config.set(MAX, 1, "ann", null);
    howdah.transaction(tx -> {
      tx.config("joined").set(MAX, 2, "ann", null);
      assertThat(config.get(MAX)).isEqualTo(1);
    });
    assertThat(config.get(MAX)).as("seen when it returns").isEqualTo(2);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      howdah.on(connection).config("joined").set(MAX, 3, "ann", null);
      assertThat(howdah.on(connection).config("joined").history(MAX)).hasSize(3);
      connection.rollback();
    }
    config.refresh();
    assertThat(config.get(MAX)).isEqualTo(2);
    assertThat(config.history(MAX)).hasSize(2);
  }

  /** Whatever the order was, the history is a chain, and ends in the value that is there. */
  @Test
  void historyOfConcurrentChangesIsAChain() {
    Config config = howdah.config("chain");
    List<Integer> done =
        Threads.run(
            32,
            thread -> {
              for (int i = 0; i < 5; i++) {
                config.set(MAX, thread * 5 + i + 1, "t" + thread, null);
              }
              return thread;
            });
    assertThat(done).hasSize(32);
    List<ConfigChange> changes = config.history(MAX);
    assertThat(changes).hasSize(160);
    for (int i = 0; i + 1 < changes.size(); i++) {
      assertThat(changes.get(i).before()).isEqualTo(changes.get(i + 1).after());
    }
    assertThat(changes.get(159).before()).isEmpty();
    assertThat(changes.get(0).after()).contains(config.get(MAX).toString());
  }

  /** For tools, which know neither the keys nor their types. */
  @Test
  void toolSeesAndChangesValuesAsJson() {
    Configs tool = howdah.configs();
    Config config = howdah.config("tool");
    assertThat(config.get(MAX)).isEqualTo(50);
    long revision = tool.set("tool", "max", "7", "ann", "why");
    assertThat(config.get(MAX)).as("seen by this process at once").isEqualTo(7);
    ConfigEntry entry = tool.get("tool", "max").orElseThrow();
    assertThat(entry.json()).isEqualTo("7");
    assertThat(entry.changedBy()).contains("ann");
    assertThat(entry.reason()).contains("why");
    assertThat(tool.list("tool", "", 200)).containsExactly(entry);
    assertThat(tool.list("tool", "Z", 1)).containsExactly(entry);
    assertThat(tool.list("tool", "max", 200)).isEmpty();
    assertThat(tool.history("tool", "max"))
        .extracting(ConfigChange::revision)
        .containsExactly(revision);
    howdah.transaction(tx -> {
      assertThat(tx.configs().set("tool", "max", "8", "bob", null)).isGreaterThan(revision);
      assertThat(tx.configs().get("tool", "max").orElseThrow().json()).isEqualTo("8");
      assertThat(tool.get("tool", "max").orElseThrow().json()).isEqualTo("7");
    });
    assertThat(config.get(MAX)).isEqualTo(8);
    assertThat(tool.unset("tool", "max", "ann", null)).isTrue();
    assertThat(tool.unset("tool", "max", "ann", null)).isFalse();
    assertThat(tool.get("tool", "max")).isEmpty();
    assertThat(config.get(MAX)).isEqualTo(50);
    assertThatThrownBy(() -> tool.list("tool", "", 201))
        .hasMessage("maxRows: 1 to 200 expected, got 201");
    assertThatThrownBy(() -> tool.get("", "k")).isInstanceOf(InvalidArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          config_set('', 'k', '1', 'ann', NULL)                     | namespace: 1 to 64 bytes expected, got 0
          config_set('n', repeat('k', 257), '1', 'ann', NULL)       | key: 1 to 256 bytes expected, got 257
          config_set('n', 'k', NULL, 'ann', NULL)                   | value: a JSON value expected, got NULL
          config_set('n', 'k', to_jsonb(repeat('x', 65536)), 'a', '') | value: at most 65536 bytes expected, got 65538
          config_set('n', 'k', '1', '', NULL)                       | changed_by: 1 to 256 bytes expected, got 0
          config_set('n', 'k', '1', NULL, NULL)                     | changed_by: 1 to 256 bytes expected, got NULL
          config_unset('n', 'k', 'ann', repeat('x', 4097))          | reason: at most 4096 bytes expected, got 4097
          config_history('n', 'k', 0)                               | max_rows: 1 to 1000 expected, got 0
          """)
  void sqlSaysWhatIsWrong(String call, String message) {
    assertThatThrownBy(() -> sql("SELECT $." + call))
        .hasMessageContaining(message)
        .cause()
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
  }

  @Test
  void badArgumentsAreRefusedBeforeAnythingIsSent() {
    Config config = howdah.config("input");
    assertThatThrownBy(() -> howdah.config("")).isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> ConfigKey.of("", String.class, ""))
        .hasMessageContaining("key: 1 to 256 bytes expected");
    assertThatThrownBy(() -> config.set(MAX, 1, "", null))
        .hasMessageContaining("changedBy: 1 to 256 bytes expected");
    assertThatThrownBy(() -> config.set(MAX, 1, "ann", "x".repeat(4_097)))
        .hasMessageContaining("reason: 1 to 4096 bytes expected, got 4097");
    ConfigKey<String> text = ConfigKey.of("text", String.class, "");
    assertThatThrownBy(() -> config.set(text, "x".repeat(65_535), "ann", null))
        .hasMessageContaining("value: at most 65536 bytes expected, got 65537");
    assertThat(sql("SELECT 1 FROM $.namespace WHERE name = 'input'")).isEmpty();
  }

  /** An application's role may add to the history, and not change it. */
  @Test
  void historyCannotBeChangedByTheApplication() {
    assertThat(
            sql(
                "SELECT privilege_type FROM information_schema.role_table_grants WHERE table_schema = ? AND table_name = 'config_change' AND grantee = ?",
                schema,
                role()))
        .containsExactlyInAnyOrder("SELECT", "INSERT");
    assertThat(sql("DROP OWNED BY " + role())).isEmpty();
    assertThat(sql("DROP ROLE " + role())).isEmpty();
  }

  private String role() {
    String role = schema + "_app";
    if (sql("SELECT 1 FROM pg_roles WHERE rolname = ?", role).isEmpty()) {
      assertThat(sql("CREATE ROLE " + role)).isEmpty();
      assertThat(sql("SELECT $.role_grant(?, 'app')", role)).hasSize(1);
    }
    return role;
  }
}
