package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.cache.ComputedCache;
import io.howdah.channel.ChannelSubscription;
import io.howdah.config.ConfigKey;
import io.howdah.job.JobQueue;
import io.howdah.job.JobState;
import io.howdah.job.Worker;
import io.howdah.job.WorkerSettings;
import io.howdah.kv.KeyValueStore;
import io.howdah.near.NearSettings;
import io.howdah.preference.PreferenceKey;
import io.howdah.preference.Preferences;
import io.howdah.schema.Migrator;
import io.howdah.session.SessionSettings;
import io.howdah.session.Sessions;
import io.howdah.stats.Health;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.Programs;
import io.howdah.testing.TestPooler;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The real PgBouncer, in transaction mode, with fewer server connections than there are lanes. */
@Timeout(300)
class PoolerTest {
  private final String schema = TestPostgres.freshSchema(getClass());
  @TempDir private Path folder;
  private TestPooler pooler;
  private int port;

  @BeforeEach
  void start() {
    pooler =
        TestPooler.before(
            program(), folder, TestPostgres.port(), "default_pool_size = 3", moreSettings());
    port = pooler.port();
  }

  /** The distribution's. */
  Path program() {
    return Programs.require("pgbouncer");
  }

  /** A line of its file. */
  String moreSettings() {
    return "";
  }

  @AfterEach
  void stop() {
    if (pooler != null) {
      pooler.close();
    }
  }

  void everythingWorks(String parameters) {
    try (Howdah howdah = open(parameters)) {
      for (Durability durability : Durability.values()) {
        String name = "n-" + durability;
        howdah.namespaces().create(name, durability);
        KeyValueStore<Integer> store = howdah.kv(name, Integer.class);
        store.set("warm", 1);
        Threads.run(
            40,
            thread -> {
              for (int i = 0; i < 30; i++) {
                store.set("k" + thread, i, Duration.ofMinutes(1));
                assertThat(store.get("k" + thread)).contains(i);
                store.increment("sum");
              }
              return store.delete("k" + thread);
            });
        assertThat(store.get("sum")).contains(1200);
        store.setAll(Map.of("a", 1, "b", 2));
        assertThat(store.getAll(List.of("a", "b"))).hasSize(2);
        assertThat(store.scan("").count()).isEqualTo(4);
        for (int i = 3; i < 10; i++) {
          int value = i;
          howdah.transaction(tx -> tx.kv(name, Integer.class).set("a", value));
          assertThat(store.get("a")).contains(value);
        }
      }
    }
  }

  String url(String parameters) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres" + parameters;
  }

  Howdah open(String parameters) {
    return Howdah.builder(url(parameters))
        .schema(schema)
        .callTimeout(Duration.ofSeconds(20))
        .open();
  }

  @ParameterizedTest
  @CsvSource({"EPHEMERAL, ''", "RELAXED, &prepareThreshold=0", "DURABLE, ''"})
  void sessionsAndTokensWork(Durability durability, String parameters) {
    try (Howdah howdah = open(parameters)) {
      Sessions sessions = howdah.sessions();
      sessions.configure(
          SessionSettings.defaults()
              .withDurability(durability)
              .withTouchInterval(Duration.ZERO)
              .withMaxPerUser(3, SessionSettings.OnFull.EVICT));
      String shared = sessions.create("shared").token();
      Threads.run(
          24,
          thread -> {
            String token = sessions.create("user-" + thread).token();
            for (int i = 0; i < 6; i++) {
              assertThat(sessions.set(token, "n", i)).isTrue();
              assertThat(sessions.touch(token).flatMap(s -> s.attribute("n", Integer.class)))
                  .contains(i);
              assertThat(sessions.get(shared)).isPresent();
            }
            assertThat(sessions.set(shared, "a" + thread, 1)).isTrue();
            token = sessions.rotate(token).orElseThrow();
            String once =
                howdah.tokens().issue("p", "user-" + thread, Duration.ofMinutes(1)).token();
            assertThat(howdah.tokens().consume("p", once)).isPresent();
            return sessions.revoke(token);
          });
      assertThat(sessions.touch(shared).orElseThrow().attributeNames()).hasSize(24);
      assertThat(sessions.list("shared")).hasSize(1);
      assertThat(sessions.revokeUser("shared")).isEqualTo(1);
    }
  }

  /** Also where nothing can be heard: the configuration is polled then. */
  @Tag("full")
  @ParameterizedTest
  @CsvSource({"''", "&prepareThreshold=0"})
  void preferencesAndConfigurationWork(String parameters) {
    try (Howdah howdah = open(parameters);
        Howdah other = open(parameters)) {
      Preferences preferences = howdah.preferences();
      List<Boolean> done =
          Threads.run(
              24,
              thread -> {
                PreferenceKey<Integer> key = PreferenceKey.of("k" + thread, Integer.class, -1);
                for (int i = 0; i < 5; i++) {
                  preferences.set("ann", key, i);
                  assertThat(preferences.get("ann", key)).isEqualTo(i);
                }
                return preferences.effective("ann", "staff").value(key) == 4;
              });
      assertThat(done).containsOnly(true);
      assertThat(preferences.all("ann")).hasSize(24);
      ConfigKey<Integer> max = ConfigKey.of("max", Integer.class, 1);
      assertThat(other.config("app").get(max)).isEqualTo(1);
      howdah.config("app").set(max, 2, "ann", null);
      assertThat(howdah.config("app").get(max)).isEqualTo(2);
      Eventually.holds("polled", () -> other.config("app").get(max) == 2);
    }
  }

  @Test
  void jobsWork() {
    try (Howdah howdah = open("&prepareThreshold=0")) {
      Set<Integer> done = ConcurrentHashMap.newKeySet();
      JobQueue<Integer> queue = howdah.jobs("pooled", Integer.class);
      try (Worker worker =
          queue.worker(
              job -> assertThat(job.transaction(tx -> done.add(job.payload()))).isTrue(),
              WorkerSettings.defaults().pollInterval(Duration.ofMillis(100)))) {
        Threads.run(
            16,
            thread -> {
              for (int i = 0; i < 10; i++) {
                queue.enqueue(thread * 10 + i);
              }
              return true;
            });
        Eventually.holds(
            "all are done",
            Duration.ofMinutes(2),
            () -> queue.list(JobState.COMPLETED, 0, 1_000).size() == 160);
        assertThat(done).hasSize(160);
        assertThat(worker).isNotNull();
      }
    }
  }

  @Test
  void cachesWork() {
    try (Howdah howdah = open("")) {
      ComputedCache<Integer> cache = howdah.cache("c", Integer.class);
      Threads.run(
          24,
          thread -> {
            for (int i = 0; i < 10; i++) {
              int round = i;
              assertThat(cache.get("shared" + i, () -> round)).isEqualTo(i);
              assertThat(cache.tagged("t" + thread).get("k" + thread, () -> round)).isEqualTo(i);
              cache.evictTag("t" + thread);
              cache.put("p" + thread, i);
              assertThat(cache.getAll(List.of("p" + thread, "none"), keys -> Map.of())).hasSize(1);
            }
            return cache.evict("p" + thread);
          });
      assertThat(cache.stats().loads()).isBetween(251L, 275L);
    }
  }

  @Test
  void storeWorksWithoutServerPreparedStatements() {
    everythingWorks("&prepareThreshold=0");
  }

  @Test
  void engineUsesFewerLanesBehindAPoolerUnlessItIsToldHowMany() {
    assertThat(lanesUnderLoad(builder -> builder)).isBetween(2, 4);
    assertThat(lanesUnderLoad(builder -> builder.lanes(6))).isBetween(5, 6);
  }

  private int lanesUnderLoad(UnaryOperator<Howdah.Builder> settings) {
    Set<Integer> lanes = ConcurrentHashMap.newKeySet();
    EngineMetrics metrics =
        new EngineMetrics() {
          @Override
          public void connected(int lane) {
            lanes.add(lane);
          }
        };
    Howdah.Builder builder =
        Howdah.builder(TestPostgres.urlAt(port)).schema(schema).listen(false).metrics(metrics);
    try (Howdah howdah = settings.apply(builder).open()) {
      KeyValueStore<Integer> store = howdah.kv("load", Integer.class);
      Threads.run(
          300,
          thread -> {
            for (int i = 0; i < 30; i++) {
              store.set("k" + thread, i);
            }
            return store.get("k" + thread);
          });
    }
    return lanes.size();
  }

  @Test
  void engineFindsOutThatThePoolerKnowsNoPreparedStatements() {
    everythingWorks("");
  }

  @Test
  void aMigrationLeavesNoStatementBehind() throws SQLException {
    PGSimpleDataSource pooled = new PGSimpleDataSource();
    pooled.setUrl(url(""));
    assertThat(new Migrator(pooled, schema).migrate()).isTrue();
    assertThat(prepared()).isEmpty();
  }

  /** Of the connection to the server that was used last: PgBouncer gives that one out first. */
  List<String> prepared() throws SQLException {
    try (var connection = DriverManager.getConnection(url("&prepareThreshold=0"))) {
      return PrivatePostgres.sql(connection, "SELECT name FROM pg_prepared_statements");
    }
  }

  @Tag("full")
  @Test
  void nothingIsHeardThroughThePoolerAndEverythingPastIt() {
    String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
    NearSettings settings = NearSettings.defaults().withMaxStaleness(Duration.ofMinutes(1));
    try (Howdah direct = Howdah.builder(url).schema(schema).listenUrl(TestPostgres.url()).open()) {
      direct.namespaces().notifyChanges("near", true);
      KeyValueStore<Integer> store = direct.kv("near", Integer.class).near(settings);
      Eventually.holds(
          "it listens", () -> direct.stats().listening().state() == Listener.State.PUSH);
      try (Howdah deaf = open("")) {
        KeyValueStore<Integer> polled =
            deaf.kv("near", Integer.class).near(settings.withMaxStaleness(Duration.ofMillis(50)));
        assertThat(polled.get("k")).isEmpty();
        Eventually.holds(
            "it has found out", () -> deaf.stats().listening().state() == Listener.State.POLLING);
        assertThat(deaf.health().degraded().get(Health.Reason.LISTENING))
            .contains("pooler")
            .contains("listenUrl");
        for (int i = 1; i < 10; i++) {
          int value = i;
          deaf.kv("near", Integer.class).set("k", value);
          Eventually.holds("pushed", () -> store.get("k").equals(Optional.of(value)));
          direct.kv("near", Integer.class).set("k", -value);
          Eventually.holds("polled", () -> polled.get("k").equals(Optional.of(-value)));
        }
      }
      assertThat(direct.health().degraded()).doesNotContainKey(Health.Reason.LISTENING);
    }
  }

  @Tag("full")
  @Test
  void channelsAreHeardPastThePoolerAndReadThroughIt() throws Exception {
    String url = TestPostgres.urlAt(port);
    try (Howdah direct = Howdah.builder(url).schema(schema).listenUrl(TestPostgres.url()).open();
        Howdah deaf =
            Howdah.builder(url).schema(schema).pollInterval(Duration.ofMillis(100)).open()) {
      assertThat(direct.channels().retain("kept", Duration.ofHours(1))).isTrue();
      List<String> read = new CopyOnWriteArrayList<>();
      List<String> heard = new CopyOnWriteArrayList<>();
      try (ChannelSubscription polled =
              deaf.channels().subscribeRetained("kept", null, m -> read.add(m.payload()));
          ChannelSubscription pushed =
              direct.channels().subscribe("kept", m -> heard.add(m.payload()))) {
        assertThat(pushed.isLive()).isTrue();
        direct.channels().publish("kept", "a");
        deaf.channels().publish("kept", "b");
        Eventually.holds("both are heard", () -> heard.size() == 2);
        Eventually.holds("both are read", () -> read.size() == 2);
        assertThat(polled.isLive()).isFalse();
      }
      Eventually.holds(
          "it has found out",
          () -> deaf.stats().listening().state().equals(Listener.State.POLLING));
      assertThatThrownBy(() -> deaf.channels().subscribe("x", m -> {}))
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_PUSH))
          .hasMessageContaining("listenUrl");
    }
  }
}
