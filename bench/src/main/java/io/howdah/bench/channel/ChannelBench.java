package io.howdah.bench.channel;

import io.howdah.Howdah;
import io.howdah.bench.channel.ChannelResult.Commits;
import io.howdah.bench.measure.Latencies;
import io.howdah.bench.server.PostgresServer;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Publishes at a steady rate to processes that listen; then counts the commits of threads that
 * write a row each time, without a notification, with one in each transaction, and with the rows
 * and notifications of many threads in one.
 */
public final class ChannelBench {
  private static final String SCHEMA = PostgresServer.HOWDAH_SCHEMA + "_channels";
  private static final String KEPT = "kept";

  /** Published, and not yet committed. */
  private static final int MOST_UNDER_WAY = 10_000;

  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final ChannelSettings settings;
  private final Servers servers;
  private final WorkFolder folder;
  private final Consumer<String> progress;

  public ChannelBench(
      ChannelSettings settings, Servers servers, WorkFolder folder, Consumer<String> progress) {
    this.settings = settings;
    this.servers = servers;
    this.folder = folder;
    this.progress = progress;
  }

  /** Starts the server. */
  public void prepare() throws Exception {
    PostgresServer unused = servers.postgres();
  }

  /** Measures. */
  public ChannelResult run() throws Exception {
    String url = servers.postgres().jdbcUrl();
    List<Subscribers> processes = new ArrayList<>();
    try (Howdah howdah = Howdah.builder(url).schema(SCHEMA).open()) {
      progress.accept("starting " + settings.processes() + " processes that listen …");
      for (int i = 0; i < settings.processes(); i++) {
        processes.add(
            Subscribers.start(
                url,
                SCHEMA,
                settings.subscribers(),
                folder.path().resolve("subscribers.log").toFile()));
      }
      for (Subscribers process : processes) {
        process.awaitReady();
      }
      progress.accept("publishing " + settings.rate() + " messages/s …");
      Published unused = publish(howdah);
      awaitDelivery(processes, unused.messages());
      for (Subscribers process : processes) {
        Heard warm = process.heard();
        progress.accept("warm: " + warm.messages() + " messages heard");
      }
      Published published = publish(howdah);
      awaitDelivery(processes, published.messages());
      long dropped = 0;
      long gaps = 0;
      Histogram nanos = new Histogram(Heard.MOST_NANOS, 2);
      for (Subscribers process : processes) {
        Heard heard = process.heard();
        dropped += heard.dropped();
        gaps += heard.gaps();
        nanos.add(heard.nanos());
      }
      List<Commits> commits = commits(howdah, url);
      return new ChannelResult(
          published.messages(),
          published.seconds(),
          published.messages() * settings.processes() * settings.subscribers(),
          nanos.getTotalCount(),
          dropped,
          gaps,
          Latencies.of(nanos),
          commits);
    } finally {
      for (Subscribers process : processes) {
        process.close();
      }
    }
  }

  private record Published(long messages, double seconds) {}

  /** Each message is due at its time, whatever becomes of those before it. */
  private Published publish(Howdah howdah) throws Exception {
    long total = (long) settings.rate() * settings.seconds();
    String padding = "x".repeat(Math.max(0, settings.payloadBytes() - 20));
    Semaphore underWay = new Semaphore(MOST_UNDER_WAY);
    AtomicLong committed = new AtomicLong();
    long begin = System.nanoTime();
    for (long i = 0; i < total; i++) {
      long due = begin + i * 1_000_000_000L / settings.rate();
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      underWay.acquire();
      var unused =
          howdah
              .channels()
              .async()
              .publish(SubscriberProcess.CHANNEL, due + " " + padding)
              .whenComplete((done, failure) -> {
                if (failure == null) {
                  committed.incrementAndGet();
                }
                underWay.release();
              });
    }
    underWay.acquire(MOST_UNDER_WAY);
    return new Published(committed.get(), (System.nanoTime() - begin) / 1e9);
  }

  /** Until all has come, or nothing more does. */
  private void awaitDelivery(List<Subscribers> processes, long messages) throws Exception {
    long expected = messages * settings.processes() * settings.subscribers();
    long before = -1;
    long since = System.nanoTime();
    while (true) {
      long now = 0;
      for (Subscribers process : processes) {
        now += process.count();
      }
      if (now >= expected) {
        return;
      }
      if (now != before) {
        before = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > PATIENCE.toNanos()) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  // What notifying costs those who write.

  private List<Commits> commits(Howdah howdah, String url) throws Exception {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE "
              + SCHEMA
              + ".bench_row (id bigint GENERATED ALWAYS AS IDENTITY, payload text)");
    }
    howdah.channels().retain(KEPT, Duration.ofHours(1));
    String payload = "x".repeat(settings.payloadBytes());
    List<Commits> all = new ArrayList<>();
    all.add(
        direct("none", "a row a transaction, no notification", url, payload, "SELECT length(?)"));
    all.add(
        direct(
            "each",
            "a row and a notification a transaction",
            url,
            payload,
            "SELECT " + SCHEMA + ".channel_publish('" + SubscriberProcess.CHANNEL + "s', ?)"));
    progress.accept("counting rows: many to a transaction …");
    try (Connection connection = DriverManager.getConnection(url)) {
      long before = transactions(connection);
      long begin = System.nanoTime();
      long rows =
          sum(thread -> {
            long until = begin + TimeUnit.SECONDS.toNanos(settings.commitSeconds());
            long written = 0;
            while (System.nanoTime() < until) {
              howdah.channels().publish(KEPT, payload);
              written++;
            }
            return written;
          });
      double seconds = (System.nanoTime() - begin) / 1e9;
      long commits = transactions(connection) - before;
      all.add(
          new Commits(
              "coalesced",
              "a row and a notification a call of a retained channel, shared transactions",
              rows,
              commits,
              seconds));
    }
    return all;
  }

  private Commits direct(String name, String label, String url, String payload, String second)
      throws Exception {
    progress.accept("counting commits: " + label + " …");
    long begin = System.nanoTime();
    long rows =
        sum(thread -> {
          try (Connection connection = DriverManager.getConnection(url)) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert =
                    connection.prepareStatement(
                        "INSERT INTO " + SCHEMA + ".bench_row (payload) VALUES (?)");
                PreparedStatement more = connection.prepareStatement(second)) {
              long until = begin + TimeUnit.SECONDS.toNanos(settings.commitSeconds());
              long written = 0;
              while (System.nanoTime() < until) {
                insert.setString(1, payload);
                written += insert.executeUpdate();
                more.setString(1, payload);
                more.executeQuery().close();
                connection.commit();
              }
              return written;
            }
          }
        });
    return new Commits(name, label, rows, rows, (System.nanoTime() - begin) / 1e9);
  }

  private interface Writing {
    long write(int thread) throws Exception;
  }

  private long sum(Writing writing) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(settings.writers());
    try {
      List<Callable<Long>> calls = new ArrayList<>();
      for (int i = 0; i < settings.writers(); i++) {
        int thread = i;
        calls.add(() -> writing.write(thread));
      }
      long sum = 0;
      for (Future<Long> one : executor.invokeAll(calls)) {
        sum += one.get();
      }
      return sum;
    } finally {
      executor.shutdownNow();
    }
  }

  /** Transactions that have published to a retained channel. */
  private static long transactions(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT count(DISTINCT xid) FROM " + SCHEMA + ".channel_message")) {
      boolean there = rows.next();
      assert there;
      return rows.getLong(1);
    }
  }
}
