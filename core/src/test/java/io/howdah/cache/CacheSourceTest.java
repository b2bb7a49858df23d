package io.howdah.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.InvalidArgumentException;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Caches that follow a table of the application's. */
@Timeout(180)
class CacheSourceTest extends HowdahTest {
  private static final String TAG = "customer:{customer_id}";

  private String orders;

  @BeforeEach
  void table() {
    orders = schema + ".orders";
    run(
        "CREATE TABLE $.orders (id int PRIMARY KEY, customer_id int, \"odd \"\" name\" text, at timestamptz, total bigint)");
    run("INSERT INTO $.orders SELECT i, i % 10, 'x', now(), 0 FROM generate_series(1, 100) AS i");
  }

  @AfterEach
  void drop() {
    run("DROP TABLE $.orders");
  }

  private void run(String sql) {
    List<String> ignored = sql(sql);
    assertThat(ignored).hasSizeLessThan(2);
  }

  private ComputedCache<Long> cache() {
    return howdah.cache("totals", Long.class);
  }

  private void fill() {
    for (int customer = 0; customer < 10; customer++) {
      cache().tagged("customer:" + customer).put("c" + customer, 0L);
    }
  }

  private List<String> evicted() {
    return IntStream.range(0, 10)
        .mapToObj(i -> "c" + i)
        .filter(key -> cache().getIfPresent(key).isEmpty())
        .toList();
  }

  @Test
  void eachKindOfChangeEvictsItsTags() {
    assertThat(howdah.caches().dependsOn("totals", orders, TAG)).isTrue();
    fill();
    run("INSERT INTO $.orders (id, customer_id) VALUES (101, 1), (102, 2), (103, NULL)");
    assertThat(evicted()).containsExactly("c1", "c2");
    fill();
    run("UPDATE $.orders SET customer_id = 4 WHERE customer_id = 3");
    assertThat(evicted()).as("as it was and as it is").containsExactly("c3", "c4");
    fill();
    run("DELETE FROM $.orders WHERE customer_id IN (5, 6)");
    assertThat(evicted()).containsExactly("c5", "c6");
    fill();
    run("UPDATE $.orders SET total = 1 WHERE id = -1");
    run("DELETE FROM $.orders WHERE id = -1");
    assertThat(evicted()).as("no row was changed").isEmpty();
    run("TRUNCATE $.orders");
    assertThat(evicted()).hasSize(10);
    fill();
    run("INSERT INTO $.orders (id, customer_id) SELECT i, i FROM generate_series(1, 20000) AS i");
    assertThat(evicted()).as("too many tags: all").hasSize(10);
  }

  @Test
  void evictionComesWithItsTransactionOrNotAtAll() throws SQLException {
    howdah.caches().dependsOn("totals", orders, TAG);
    fill();
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      assertThat(sql(connection, "UPDATE $.orders SET total = 1 WHERE customer_id = 1")).isEmpty();
      assertThat(evicted()).isEmpty();
      connection.rollback();
      assertThat(evicted()).isEmpty();
      assertThat(sql(connection, "UPDATE $.orders SET total = 1 WHERE customer_id = 1")).isEmpty();
      assertThat(howdah.on(connection).cache("totals", Long.class).getIfPresent("c1")).isEmpty();
      connection.commit();
    }
    assertThat(evicted()).containsExactly("c1");
  }

  @Test
  void computationFromBeforeTheChangeIsNotStored() {
    howdah.caches().dependsOn("totals", orders, TAG);
    ComputedCache<Long> cache = cache().tagged("customer:1");
    assertThat(
            cache.get(
                "c1",
                () -> {
                  long total = total(1);
                  run("UPDATE $.orders SET total = 5 WHERE id = 1");
                  return total;
                }))
        .isZero();
    assertThat(cache.get("c1", () -> total(1))).isEqualTo(5);
  }

  private long total(int customer) {
    return Long.parseLong(
        sql("SELECT coalesce(sum(total), 0) FROM $.orders WHERE customer_id = ?", customer).get(0));
  }

  @Test
  void dependencyIsAddedOnceListedAndDropped() {
    Caches caches = howdah.caches();
    fill();
    assertThat(caches.dependsOn("totals", orders, TAG)).isTrue();
    assertThat(evicted()).as("what was computed before nobody watched").hasSize(10);
    fill();
    assertThat(caches.dependsOn("totals", orders, TAG)).isFalse();
    assertThat(evicted()).isEmpty();
    assertThat(caches.dependsOn("ünused", orders, "{odd \" name}-{id}")).isTrue();
    assertThat(sql("SELECT name || '|' || source || '|' || tag FROM $.cache_dependency_list()"))
        .containsExactlyInAnyOrder(
            "totals|" + orders + "|" + TAG, "ünused|" + orders + "|{odd \" name}-{id}");
    assertThat(caches.dropDependency("totals", orders, TAG)).isTrue();
    assertThat(caches.dropDependency("totals", orders, TAG)).isFalse();
    run("UPDATE $.orders SET total = 1");
    assertThat(evicted()).isEmpty();
    assertThat(sql("SELECT count(*) FROM pg_trigger WHERE tgrelid = ?::regclass", orders))
        .containsExactly("4");
    howdah.cache("ünused", Long.class).tagged("x-1").put("k", 1L);
    run("UPDATE $.orders SET total = 2 WHERE id = 1");
    assertThat(howdah.cache("ünused", Long.class).getIfPresent("k")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{none}", "{at}", "{id", "id}", "{}", "{{id}}", "a{id}{", "{ctid}", "{xmin}"})
  void tagThatNamesNoFitColumnIsRefused(String tag) {
    assertThatThrownBy(() -> howdah.caches().dependsOn("totals", orders, tag))
        .isInstanceOfSatisfying(
            InvalidArgumentException.class, e -> assertThat(e.argument()).isEqualTo("tag"));
    assertThatThrownBy(() -> howdah.caches().dependsOn("totals", schema + ".none", TAG))
        .isInstanceOfSatisfying(
            InvalidArgumentException.class, e -> assertThat(e.argument()).isEqualTo("source"));
  }

  @Test
  void whoMayWriteToTheTableNeedsNoRightsHere() {
    howdah.caches().dependsOn("totals", orders, TAG);
    fill();
    String role = schema + "_clerk";
    String application = schema + "_app";
    run("CREATE ROLE " + role);
    try {
      // The table is moved to where the clerk gets at it, as an application's would be.
      run("CREATE SCHEMA " + application);
      run("ALTER TABLE $.orders SET SCHEMA " + application);
      run("GRANT USAGE ON SCHEMA " + application + " TO " + role);
      run("GRANT SELECT, UPDATE ON " + application + ".orders TO " + role);
      try (Connection connection = connect()) {
        assertThat(sql(connection, "SET ROLE " + role)).isEmpty();
        assertThat(
                sql(
                    connection,
                    "UPDATE " + application + ".orders SET total = 1 WHERE customer_id = 7"))
            .isEmpty();
      }
      assertThat(evicted()).containsExactly("c7");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } finally {
      run("ALTER TABLE IF EXISTS " + application + ".orders SET SCHEMA " + schema);
      run("DROP OWNED BY " + role);
      run("DROP SCHEMA IF EXISTS " + application);
      run("DROP ROLE " + role);
    }
  }

  @Test
  void tagsAreTheSameWhenTheirBytesAre() {
    run(
        "CREATE COLLATION IF NOT EXISTS $.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
    run(
        "CREATE TABLE $.words (id int PRIMARY KEY, word text COLLATE $.any_case, other text COLLATE \"C\")");
    try {
      howdah.caches().dependsOn("totals", schema + ".words", "customer:{word}{other}");
      cache().tagged("customer:A1").put("big", 0L);
      cache().tagged("customer:a1").put("small", 0L);
      run("INSERT INTO $.words VALUES (1, 'A', '1'), (2, 'a', '1')");
      assertThat(cache().getAllPresent(List.of("big", "small"))).isEmpty();
    } finally {
      run("DROP TABLE $.words");
    }
  }

  /** The trigger has its owner's rights, and whoever has an enum may make casts of it. */
  @Test
  void enumIsNotCastByWhatItsOwnerHasMade() {
    run("CREATE TYPE $.mood AS ENUM ('good', 'bad')");
    run(
        "CREATE FUNCTION $.mood_text(m $.mood) RETURNS text LANGUAGE plpgsql AS"
            + " 'BEGIN RAISE EXCEPTION ''as %'', current_user; END'");
    run("CREATE CAST ($.mood AS text) WITH FUNCTION $.mood_text($.mood)");
    run("CREATE TABLE $.moods (id int PRIMARY KEY, mood $.mood)");
    try {
      howdah.caches().dependsOn("totals", schema + ".moods", "customer:{mood}");
      cache().tagged("customer:good").put("good", 0L);
      cache().tagged("customer:bad").put("bad", 0L);
      run("INSERT INTO $.moods VALUES (1, 'good'), (2, NULL)");
      assertThat(cache().getAllPresent(List.of("good", "bad"))).containsOnlyKeys("bad");
    } finally {
      run("DROP TABLE $.moods");
      run("DROP TYPE $.mood CASCADE");
    }
  }

  @Test
  void writesGoOnWhenAColumnOfTheTagIsGone() {
    howdah.caches().dependsOn("totals", orders, TAG);
    fill();
    run("ALTER TABLE $.orders RENAME COLUMN customer_id TO client_id");
    run("UPDATE $.orders SET total = 1 WHERE id = 1");
    assertThat(evicted()).as("all, since nobody knows which").hasSize(10);
  }

  @Tag("full")
  @Test
  void writersDoNotQueueBehindWhoWaitsToAddADependency() throws SQLException {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      assertThat(sql(connection, "UPDATE $.orders SET total = 1 WHERE id = 1")).isEmpty();
      Thread adding =
          new Thread(() ->
              assertThatThrownBy(() -> howdah.caches().dependsOn("totals", orders, TAG))
                  .isInstanceOfSatisfying(
                      CallFailedException.class,
                      e -> assertThat(e.code()).isEqualTo(ErrorCode.LOCKED)));
      adding.start();
      int writes = 0;
      while (adding.isAlive()) {
        run("UPDATE $.orders SET total = 2 WHERE id = 2");
        writes++;
      }
      assertThat(writes).isGreaterThan(20);
      connection.rollback();
    }
    assertThat(howdah.caches().dependsOn("totals", orders, TAG)).isTrue();
  }

  /** The promise of CacheConcurrencyTest, with writers that know of no cache. */
  @Test
  void nobodyReadsATotalThatIsOlderThanACommittedChange() {
    howdah.caches().dependsOn("totals", orders, TAG);
    AtomicLongArray committed = new AtomicLongArray(4);
    AtomicInteger writersLeft = new AtomicInteger(4);
    AtomicBoolean done = new AtomicBoolean();
    List<Boolean> all =
        Threads.run(
            10,
            thread -> {
              Random random = new Random(thread);
              try (Connection connection = connect()) {
                if (thread < 4) {
                  try {
                    connection.setAutoCommit(false);
                    for (int round = 0; round < 150; round++) {
                      String now =
                          sql(
                                  connection,
                                  "UPDATE $.orders SET total = total + 1 WHERE id = ? RETURNING total",
                                  thread + 10)
                              .get(0);
                      if (random.nextInt(4) == 0) {
                        connection.rollback();
                      } else {
                        connection.commit();
                        committed.set(thread, Long.parseLong(now));
                      }
                    }
                  } finally {
                    if (writersLeft.decrementAndGet() == 0) {
                      done.set(true);
                    }
                  }
                } else {
                  while (!done.get()) {
                    int customer = random.nextInt(4);
                    long least = committed.get(customer);
                    long found =
                        cache()
                            .tagged("customer:" + customer)
                            .get(
                                "c" + customer,
                                () ->
                                    Long.parseLong(
                                        sql(
                                                connection,
                                                "SELECT sum(total) FROM $.orders WHERE customer_id = ?",
                                                customer)
                                            .get(0)));
                    assertThat(found).isGreaterThanOrEqualTo(least);
                  }
                }
              }
              return true;
            });
    assertThat(all).hasSize(10);
  }
}
