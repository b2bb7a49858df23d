package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Subscription;
import io.howdah.Wipe;
import io.howdah.kv.KeyValueStore;
import io.howdah.schema.Migrator;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.LoggerFactory;

/** A wipe is found and announced, once to each process, whoever found it first. */
@Tag("full")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WipeWatchTest {
  /** So long that no look is due within a test. */
  private static final Duration NEVER = Duration.ofMinutes(1);

  private final Logger logger = (Logger) LoggerFactory.getLogger(WipeWatch.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private PrivatePostgres postgres;

  @BeforeAll
  void start() {
    log.start();
    logger.addAppender(log);
    logger.setAdditive(false);
    postgres = PrivatePostgres.create();
  }

  @AfterAll
  void stop() {
    logger.setAdditive(true);
    logger.detachAppender(log);
    postgres.close();
  }

  private Howdah open(Duration interval) {
    return open(interval, new AtomicInteger());
  }

  private Howdah open(Duration interval, AtomicInteger looks) {
    return Howdah.builder(postgres.url())
        .sweeper(false) // it uses the database, too
        .wipeCheckInterval(interval)
        .metrics(
            new EngineMetrics() {
              @Override
              public void statement(String operation, int calls, long queuedNanos, long ranNanos) {
                if (operation.equals("wipe_check")) {
                  looks.incrementAndGet();
                }
              }
            })
        .open();
  }

  private void crash() {
    try (Connection victim = postgres.connect()) {
      postgres.killBackend(
          Integer.parseInt(PrivatePostgres.sql(victim, "SELECT pg_backend_pid()").get(0)));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private long found() {
    return Long.parseLong(postgres.sql("SELECT wipes FROM howdah.wipe_marker").get(0));
  }

  /** The first statements after a crash may meet connections that it has cut. */
  private static Optional<Integer> getAtLast(KeyValueStore<Integer> store, String key) {
    while (true) {
      try {
        return store.get(key);
      } catch (HowdahException e) {
        assertThat(e).hasMessageContaining("connect");
      }
    }
  }

  @Test
  void eachProcessIsToldOnce() {
    List<List<Wipe>> told = new ArrayList<>();
    List<Howdah> processes = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        List<Wipe> heard = new CopyOnWriteArrayList<>();
        told.add(heard);
        Howdah process = open(Duration.ofMillis(100));
        processes.add(process);
        process.onWipe(heard::add);
        process.kv("n", Integer.class).set("k" + i, i);
      }
      long before = found();
      for (int crash = 1; crash <= 2; crash++) {
        crash();
        int wanted = crash;
        Eventually.holds(
            "everybody is told", () -> told.stream().allMatch(heard -> heard.size() >= wanted));
        for (Howdah process : processes) {
          assertThat(getAtLast(process.kv("n", Integer.class), "k0")).isEmpty();
        }
      }
      // Many more looks, on new connections too, find nothing new.
      Threads.run(
          12,
          thread -> {
            KeyValueStore<Integer> store = processes.get(thread % 3).kv("n", Integer.class);
            for (int i = 0; i < 200; i++) {
              store.set("k", i);
            }
            return store.get("k");
          });
      assertThat(found()).isEqualTo(before + 2);
      for (List<Wipe> heard : told) {
        assertThat(heard).hasSize(2).isEqualTo(told.get(0));
        assertThat(heard.get(0).tables()).contains("kv_ephemeral").doesNotContain("kv_durable");
        assertThat(heard.get(1).count()).isEqualTo(before + 2);
        assertThat(heard.get(1).foundAt()).isAfter(heard.get(0).foundAt());
      }
      for (Howdah process : processes) {
        assertThat(process.stats().engine().wipes()).isEqualTo(2);
      }
    } finally {
      processes.forEach(Howdah::close);
    }
  }

  @Test
  void wipeThatSomebodyElseFoundIsAnnouncedToo() {
    AtomicInteger looks = new AtomicInteger();
    try (Howdah howdah = open(NEVER, looks)) {
      List<Wipe> heard = new CopyOnWriteArrayList<>();
      howdah.onWipe(heard::add);
      howdah.kv("n", Integer.class).set("k", 1);
      Eventually.holds("it has looked", () -> looks.get() > 0);
      crash();
      assertThat(postgres.sql("SELECT is_new FROM howdah.wipe_check()")).containsExactly("t");
      assertThat(getAtLast(howdah.kv("n", Integer.class), "k")).isEmpty();
      Eventually.holds("it is told", () -> !heard.isEmpty());
      assertThat(heard).hasSize(1);
      assertThat(heard.get(0).epoch())
          .hasToString(postgres.sql("SELECT epoch FROM howdah.wipe_marker").get(0));
    }
  }

  @Test
  void idleProcessFindsItWhenItGoesOn() {
    AtomicInteger looks = new AtomicInteger();
    try (Howdah howdah = open(Duration.ofMillis(100), looks)) {
      KeyValueStore<Integer> store = howdah.kv("n", Integer.class);
      store.set("k", 1);
      Eventually.holds("it has looked", () -> looks.get() > 0);
      long before = howdah.stats().engine().wipes();
      crash();
      assertThat(getAtLast(store, "k")).isEmpty();
      Eventually.holds("it is found", () -> howdah.stats().engine().wipes() == before + 1);
    }
  }

  @Test
  void processThatStartsAfterwardsAnnouncesOnlyWhatItFoundFirst() {
    new Migrator(dataSource(), "howdah").migrate();
    crash();
    try (Howdah first = open(Duration.ofMillis(100))) {
      Eventually.holds("it is found", () -> first.stats().engine().wipes() == 1);
      AtomicInteger looks = new AtomicInteger();
      try (Howdah second = open(Duration.ofMillis(100), looks)) {
        List<Wipe> heard = new CopyOnWriteArrayList<>();
        second.onWipe(heard::add);
        second.kv("n", Integer.class).set("k", 1);
        Eventually.holds("it has looked twice", () -> looks.get() > 1);
        assertThat(heard).isEmpty();
      }
    }
  }

  @Test
  void cleanRestartIsNoWipe() {
    try (Howdah howdah = open(Duration.ofMillis(100))) {
      List<Wipe> heard = new CopyOnWriteArrayList<>();
      howdah.onWipe(heard::add);
      KeyValueStore<Integer> store = howdah.kv("n", Integer.class);
      store.set("k", 1);
      long before = found();
      postgres.restart();
      assertThat(getAtLast(store, "k")).contains(1);
      assertThat(postgres.sql("SELECT is_new FROM howdah.wipe_check()")).containsExactly("f");
      assertThat(found()).isEqualTo(before);
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void listenerThatFailsKeepsNobodyFromHearingIt() {
    try (Howdah howdah = open(Duration.ofMillis(100))) {
      List<Wipe> heard = new CopyOnWriteArrayList<>();
      List<Wipe> unheard = new CopyOnWriteArrayList<>();
      howdah.onWipe(wipe -> {
        throw new IllegalStateException("a listener of the test");
      });
      howdah.onWipe(heard::add);
      Subscription ended = howdah.onWipe(unheard::add);
      ended.close();
      ended.close();
      howdah.kv("n", Integer.class).set("k", 1);
      log.list.clear();
      crash();
      Eventually.holds("the others are told", () -> heard.size() == 1);
      Eventually.holds(
          "the failure is logged",
          () -> log.list.stream().anyMatch(event -> event.getLevel() == Level.ERROR));
      assertThat(unheard).isEmpty();
      assertThat(log.list.stream().filter(event -> event.getLevel() == Level.WARN))
          .singleElement()
          .satisfies(event ->
              assertThat(event.getFormattedMessage())
                  .contains("kv_ephemeral", heard.get(0).epoch().toString()));
    }
  }

  @Test
  void newConnectionIsLookedOverBeforeItIsUsed() throws SQLException {
    new Migrator(dataSource(), "howdah").migrate();
    try (WipeWatch watch = new WipeWatch("howdah", NEVER, Runnable::run, new AtomicLong()::get)) {
      List<String> heard = new ArrayList<>();
      try (Subscription later = watch.listen(wipe -> heard.add("later"));
          Subscription atOnce = watch.listenAtOnce(wipe -> heard.add("at once"))) {
        try (Connection connection = postgres.connect()) {
          watch.opened(connection);
        }
        assertThat(watch.trouble()).isEmpty();
        heard.clear();
        crash();
        try (Connection connection = postgres.connect()) {
          watch.opened(connection);
          assertThat(heard).containsExactly("at once", "later");
          watch.opened(connection);
        }
        assertThat(heard).hasSize(2);
        assertThat(later).isNotSameAs(atOnce);
      }
    }
  }

  @Test
  void manyWhoLookAtOnceFindOneWipe() {
    new Migrator(dataSource(), "howdah").migrate();
    long before = found();
    crash();
    List<List<String>> seen =
        Threads.run(
            20, thread -> postgres.sql("SELECT epoch || ' ' || is_new FROM howdah.wipe_check()"));
    assertThat(seen.stream().filter(rows -> rows.get(0).endsWith("true"))).hasSize(1);
    assertThat(seen.stream().map(rows -> rows.get(0).substring(0, 36)).distinct()).hasSize(1);
    assertThat(found()).isEqualTo(before + 1);
  }

  @Test
  void whoeverCannotRepairLeavesItToOthers() throws SQLException {
    new Migrator(dataSource(), "howdah").migrate();
    crash();
    for (String mode : List.of("READ ONLY", "ISOLATION LEVEL REPEATABLE READ")) {
      try (Connection connection = postgres.connect()) {
        connection.setAutoCommit(false);
        PrivatePostgres.sql(connection, "SET TRANSACTION " + mode);
        assertThat(PrivatePostgres.sql(connection, "SELECT is_new FROM howdah.wipe_check()"))
            .containsExactly("f");
        connection.commit();
      }
    }
    assertThat(postgres.sql("SELECT is_new FROM howdah.wipe_check()")).containsExactly("t");
  }

  /** Between a crash and the repair the table has no pages, and reading it all costs nothing. */
  @Test
  void readsThatWerePlannedForTheEmptyTableUseTheIndexAfterwards() throws SQLException {
    new Migrator(dataSource(), "howdah").migrate();
    postgres.sql("SELECT howdah.kv_set('n', 'k' || i, '1') FROM generate_series(1, 5000) AS i");
    postgres.sql("ANALYZE howdah.kv_ephemeral");
    postgres.sql("CREATE ROLE plain LOGIN");
    new Migrator(dataSource(), "howdah").grant("plain", "app");
    crash();
    assertThat(pages()).isZero();
    try (Connection reader = postgres.connect();
        Connection repairer = postgres.connect()) {
      PrivatePostgres.sql(
          reader,
          "PREPARE one (text, text) AS SELECT q.value FROM howdah._kv_ephemeral_quick_get($1, $2) AS q");
      PrivatePostgres.sql(
          reader,
          "PREPARE many (text, text) AS SELECT q.value FROM howdah._kv_ephemeral_quick_batch_get($1, $2, ',', 1000) AS q");
      for (int i = 0; i < 7; i++) {
        PrivatePostgres.sql(reader, "EXECUTE one ('n', 'k1')");
        PrivatePostgres.sql(reader, "EXECUTE many ('n,n', 'k1,k2')");
      }
      assertThat(plan(reader, "one ('n', 'k1')")).contains("Seq Scan on kv_ephemeral");
      // Not the owner of the table: the repair is the same whoever makes it.
      PrivatePostgres.sql(repairer, "SET ROLE plain");
      assertThat(PrivatePostgres.sql(repairer, "SELECT is_new FROM howdah.wipe_check()"))
          .containsExactly("t");
      assertThat(pages()).isGreaterThanOrEqualTo(64);
      for (int i = 0; i < 7; i++) {
        PrivatePostgres.sql(reader, "EXECUTE one ('n', 'k1')");
        PrivatePostgres.sql(reader, "EXECUTE many ('n,n', 'k1,k2')");
      }
      assertThat(plan(reader, "one ('n', 'k1')"))
          .contains("Index Scan using kv_ephemeral_pkey")
          .doesNotContain("Seq Scan");
      assertThat(plan(reader, "many ('n,n', 'k1,k2')"))
          .contains("Index Scan using kv_ephemeral_pkey")
          .doesNotContain("Seq Scan on kv_ephemeral");
    }
    assertThat(postgres.sql("SELECT count(*) FROM howdah.kv_ephemeral")).containsExactly("0");
  }

  @Test
  void idleProcessWithoutListenersDoesNotLook() {
    AtomicInteger looks = new AtomicInteger();
    try (Howdah howdah = open(Duration.ofMillis(100), looks)) {
      howdah.kv("n", Integer.class).set("k", 1);
      Eventually.holds("it has looked", () -> looks.get() > 0);
      // Reading the registry of namespaces is use, too; that comes once in ten seconds at most.
      AtomicInteger seen = new AtomicInteger(looks.get());
      AtomicLong quietSince = new AtomicLong(System.nanoTime());
      Eventually.holds(
          "it stops looking",
          () -> {
            if (looks.get() != seen.getAndSet(looks.get())) {
              quietSince.set(System.nanoTime());
            }
            return System.nanoTime() - quietSince.get() > Duration.ofSeconds(1).toNanos();
          });
      int before = looks.get();
      try (Subscription listening = howdah.onWipe(wipe -> {})) {
        Eventually.holds("it looks for its listener", () -> looks.get() > before + 4);
        assertThat(listening).isNotNull();
      }
    }
  }

  private long pages() {
    return Long.parseLong(
        postgres.sql("SELECT pg_relation_size('howdah.kv_ephemeral') / 8192").get(0));
  }

  private static String plan(Connection connection, String statement) throws SQLException {
    return String.join("\n", PrivatePostgres.sql(connection, "EXPLAIN EXECUTE " + statement));
  }

  private PGSimpleDataSource dataSource() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(postgres.url());
    return dataSource;
  }
}
