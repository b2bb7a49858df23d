package io.howdah.bench.expiry;

import io.howdah.Codec;
import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.bench.expiry.MassExpiryResult.Left;
import io.howdah.bench.measure.Latencies;
import io.howdah.bench.measure.PacedLoad;
import io.howdah.bench.server.PostgresServer;
import io.howdah.engine.EngineMetrics;
import io.howdah.kv.KeyValueStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Many values that end at the same moment, and among them, on the same pages, some that were
 * refreshed before: those are read while the sweeper removes the others.
 */
final class MassExpiry {

  private static final String NAMESPACE = "ending";
  private static final String TABLE =
      PostgresServer.table(io.howdah.bench.measure.Durability.EPHEMERAL);
  private static final String HAND = PostgresServer.HOWDAH_SCHEMA + ".sweep_hand";
  private static final int READERS = 8;
  private static final int WINDOW = 500;
  private static final Duration REFRESHED_TTL = Duration.ofDays(1);
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final long NAP_MILLIS = 100;

  // The end is as far away as loading may take; what is left of it is waited for.
  private static final int LOADING_SECONDS = 15;
  private static final int ROWS_LOADED_PER_SECOND = 15_000;

  /** Before the end, reads alone are measured for as long. */
  private static final int CALM_SECONDS = 5;

  private final PostgresServer server;
  private final ExpirySettings settings;
  private final Consumer<String> progress;
  private final List<String> problems;
  private final Recorder sweeps = new Recorder(3);

  /**
   * @param problems takes what goes wrong
   */
  MassExpiry(
      PostgresServer server,
      ExpirySettings settings,
      Consumer<String> progress,
      List<String> problems) {
    this.server = server;
    this.settings = settings;
    this.progress = progress;
    this.problems = problems;
  }

  MassExpiryResult run() throws Exception {
    EngineMetrics metrics =
        new EngineMetrics() {
          @Override
          public void statement(String operation, int calls, long queuedNanos, long ranNanos) {
            if (operation.equals("sweep_due")) {
              sweeps.recordValue(ranNanos);
            }
          }
        };
    try (Howdah howdah =
            Howdah.builder(server.jdbcUrl())
                .schema(PostgresServer.HOWDAH_SCHEMA)
                .metrics(metrics)
                .open();
        Connection connection = server.connect()) {
      howdah.namespaces().create(NAMESPACE, Durability.EPHEMERAL);
      KeyValueStore<String> store = howdah.kv(NAMESPACE, Codec.rawJson());
      progress.accept(
          String.format(Locale.ROOT, "loading %,d values that end together …", settings.dead()));
      long removedBefore = removed(connection);
      String end = insert(connection);
      server.settle();
      refresh(store);
      progress.accept("waiting for their end …");
      return watch(store, connection, end, removedBefore);
    }
  }

  /** Not by the library, whose values end some time after each was set; their end. */
  private String insert(Connection connection) throws SQLException {
    int rows = settings.dead() + settings.alive();
    int seconds = LOADING_SECONDS + CALM_SECONDS + rows / ROWS_LOADED_PER_SECOND;
    String sql =
        """
        INSERT INTO %1$s AS t (namespace, key, value, version, expires_at, created_at, updated_at)
        SELECT ?, k.key, jsonb_build_object('id', k.key, 'data', repeat('x', 70)), 1,
               statement_timestamp() + make_interval(secs => ?), statement_timestamp(), statement_timestamp()
        FROM (
          SELECT CASE WHEN i * ? / ? > (i - 1) * ? / ?
                      THEN 'alive-' || lpad((i * ? / ?)::text, 10, '0')
                      ELSE 'dead-' || lpad(i::text, 10, '0') END AS key
          FROM generate_series(1::bigint, ?) AS i
        ) AS k\
        """
            .formatted(TABLE);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, NAMESPACE);
      statement.setInt(2, seconds);
      for (int place = 3; place <= 8; place++) {
        statement.setLong(place, place % 2 == 1 ? settings.alive() : rows);
      }
      statement.setLong(9, rows);
      int unused = statement.executeUpdate();
    }
    return text(
        connection,
        "SELECT max(t.expires_at)::text FROM "
            + TABLE
            + " AS t WHERE t.namespace = '"
            + NAMESPACE
            + "'");
  }

  private void refresh(KeyValueStore<String> store) {
    for (int from = 1; from <= settings.alive(); from += WINDOW) {
      List<CompletableFuture<Boolean>> window = new ArrayList<>();
      for (int i = from; i < from + WINDOW && i <= settings.alive(); i++) {
        window.add(store.async().expire(aliveKey(i), REFRESHED_TTL).toCompletableFuture());
      }
      if (!window.stream().allMatch(CompletableFuture::join)) {
        throw new IllegalStateException(
            "loading took longer than there was time before the values ended: try fewer (--dead)");
      }
    }
  }

  private static String aliveKey(int number) {
    return String.format(Locale.ROOT, "alive-%010d", number);
  }

  private MassExpiryResult watch(
      KeyValueStore<String> store, Connection connection, String end, long removedBefore)
      throws Exception {
    List<Reader> readers = new ArrayList<>();
    for (int reader = 0; reader < READERS; reader++) {
      readers.add(new Reader(store, settings.alive(), reader));
    }
    try (PacedLoad load = PacedLoad.start(readers, settings.readRate())) {
      TimeUnit.MILLISECONDS.sleep(
          Math.max(0, millisUntil(connection, end) - TimeUnit.SECONDS.toMillis(CALM_SECONDS)));
      PacedLoad.Interval unused = load.takeInterval();
      TimeUnit.MILLISECONDS.sleep(Math.max(0, millisUntil(connection, end)));
      PacedLoad.Interval before = load.takeInterval();
      Histogram earlier = sweeps.getIntervalHistogram();
      long began = System.nanoTime();
      List<Left> left = awaitRemoval(connection, removedBefore, began);
      double seconds = (System.nanoTime() - began) / 1e9;
      PacedLoad.Interval meanwhile = load.takeInterval();
      Histogram statements = sweeps.getIntervalHistogram(earlier);
      load.close();
      problems.addAll(load.problems());
      long slow =
          statements.getCountBetweenValues(
              TimeUnit.MILLISECONDS.toNanos(MassExpiryResult.SLOW_MILLIS), Long.MAX_VALUE / 2);
      long stillThere = store.count("alive-");
      if (stillThere != settings.alive()) {
        problems.add(
            String.format(
                Locale.ROOT, "of %,d refreshed values %,d are left", settings.alive(), stillThere));
      }
      return new MassExpiryResult(
          settings.dead(),
          seconds,
          left,
          Latencies.of(statements),
          statements.getTotalCount(),
          slow,
          Latencies.of(before.latencies()),
          Latencies.of(meanwhile.latencies()),
          meanwhile.callsPerSecond(),
          settings.alive(),
          stillThere);
    }
  }

  private List<Left> awaitRemoval(Connection connection, long removedBefore, long began)
      throws SQLException, InterruptedException {
    List<Left> all = new ArrayList<>();
    long left;
    do {
      left = settings.dead() - (removed(connection) - removedBefore);
      all.add(new Left((System.nanoTime() - began) / 1e9, left));
      if (System.nanoTime() - began > PATIENCE_NANOS) {
        throw new IllegalStateException("the sweeper does not come to an end: " + left + " left");
      }
      TimeUnit.MILLISECONDS.sleep(left > 0 ? NAP_MILLIS : 0);
    } while (left > 0);
    return List.copyOf(all);
  }

  private static long removed(Connection connection) throws SQLException {
    return Long.parseLong(
        text(
            connection,
            "SELECT h.removed FROM "
                + HAND
                + " AS h WHERE h.table_name = '"
                + PostgresServer.tableName(io.howdah.bench.measure.Durability.EPHEMERAL)
                + "'"));
  }

  private static long millisUntil(Connection connection, String end) throws SQLException {
    return Long.parseLong(
        text(
            connection,
            "SELECT ceil(extract(epoch FROM '%s'::timestamptz - clock_timestamp()) * 1000)::bigint"
                .formatted(end)));
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      if (!row.next()) {
        throw new SQLException("no row: " + sql);
      }
      return row.getString(1);
    }
  }

  /** Reads the values that must stay. */
  private static final class Reader implements PacedLoad.Caller {
    private final KeyValueStore<String> store;
    private final int alive;
    private final SplittableRandom random;

    Reader(KeyValueStore<String> store, int alive, long seed) {
      this.store = store;
      this.alive = alive;
      random = new SplittableRandom(seed);
    }

    @Override
    public void call(PacedLoad load, boolean atFullSpeed) {
      String key = aliveKey(1 + random.nextInt(alive));
      String value = store.get(key).orElse("nothing");
      if (!value.startsWith("{\"id\": \"" + key + "\"")) {
        load.wrong(key + " is " + value);
      }
    }
  }
}
