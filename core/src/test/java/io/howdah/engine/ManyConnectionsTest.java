package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.cache.ComputedCache;
import io.howdah.config.ConfigKey;
import io.howdah.flag.FlagDefinition;
import io.howdah.flag.FlagSubject;
import io.howdah.job.JobState;
import io.howdah.job.Worker;
import io.howdah.kv.KeyValueStore;
import io.howdah.lock.HeldLock;
import io.howdah.preference.PreferenceKey;
import io.howdah.ratelimit.RateLimit;
import io.howdah.schema.SchemaMode;
import io.howdah.testing.Eventually;
import io.howdah.testing.PlainClient;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.Programs;
import io.howdah.testing.TestPooler;
import io.howdah.testing.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thousand connections of applications onto 20 of the server, with all workloads at once, and ten
 * thousand that are mostly idle. The figures in docs/pgbouncer.md are from here.
 */
@Tag("full")
@Timeout(900)
class ManyConnectionsTest {
  private static final Logger LOG = LoggerFactory.getLogger(ManyConnectionsTest.class);

  private static final int SERVERS = 20;
  private static final int PROCESSES = 40;

  /** Of each process, besides the lanes of its Howdah. */
  private static final int POOL = 25;

  private static final int CALLERS = 4;
  private static final int ROUNDS = 5;
  private static final int IDLE = 10_000;

  /** What a busy machine needs: no call may take longer, or it fails. */
  private static final Duration BOUND = Duration.ofSeconds(30);

  private static final FlagSubject ANN = FlagSubject.user("ann");
  private static final ConfigKey<Integer> MAX = ConfigKey.of("max", Integer.class, 1);
  private static final PreferenceKey<Integer> SIZE = PreferenceKey.of("size", Integer.class, 0);

  private final Queue<Long> nanos = new ConcurrentLinkedQueue<>();
  private final Set<Integer> jobsDone = ConcurrentHashMap.newKeySet();

  /** An application: its Howdah, and its own connections. */
  private final class Process implements AutoCloseable {
    final int number;
    final Howdah howdah;
    final BlockingQueue<Connection> pool = new LinkedBlockingQueue<>();

    Process(int number, String pooled, String direct) throws SQLException {
      this.number = number;
      this.howdah =
          Howdah.builder(pooled)
              .listenUrl(direct)
              .schemaMode(SchemaMode.VALIDATE)
              .sweeper(number == 0)
              .callTimeout(BOUND)
              .open();
      for (int i = 0; i < POOL; i++) {
        Connection connection = DriverManager.getConnection(pooled + "&prepareThreshold=0");
        connection.setAutoCommit(false);
        pool.add(connection);
      }
    }

    /** One call of each workload, for each caller a user of its own. */
    void round(int round, int caller) throws Exception {
      String user = "u" + number + "-" + caller;
      for (Durability level : Durability.values()) {
        KeyValueStore<Integer> store = howdah.kv("n-" + level, Integer.class);
        assertThat(timed(() -> store.set(user, round))).isPositive();
        assertThat(timed(() -> store.get(user))).contains(round);
        assertThat(timed(() -> store.increment("sum"))).isPositive();
      }
      String token = timed(() -> howdah.sessions().create(user).token());
      assertThat(timed(() -> howdah.sessions().touch(token))).isPresent();
      assertThat(timed(() -> howdah.sessions().revoke(token))).isTrue();
      String once = timed(() -> howdah.tokens().issue("p", user, Duration.ofMinutes(1)).token());
      assertThat(timed(() -> howdah.tokens().consume("p", once))).isPresent();
      RateLimit limit = RateLimit.perMinute(1_000_000);
      assertThat(timed(() -> howdah.rateLimiter("all", limit).acquire("everybody").allowed()))
          .isTrue();
      HeldLock lock =
          timed(() -> howdah.locks().tryAcquire(user, Duration.ofMinutes(5))).orElseThrow();
      assertThat(timed(lock::release)).isTrue();
      assertThat(timed(() -> howdah.flags().isEnabled("on", ANN))).isTrue();
      ComputedCache<Integer> cache = howdah.cache("c", Integer.class);
      assertThat(timed(() -> cache.get("k" + round, () -> round))).isEqualTo(round);
      timed(() -> howdah.preferences().set(user, SIZE, round));
      assertThat(timed(() -> howdah.preferences().get(user, SIZE))).isEqualTo(round);
      assertThat(timed(() -> howdah.config("app").get(MAX))).isEqualTo(2);
      timed(() -> howdah.channels().publish("news", user));
      int job = (number * CALLERS + caller) * 1_000 + round;
      assertThat(timed(() -> howdah.jobs("all", Integer.class).enqueue(job))).isPositive();
      // And with the application's own statements, on the application's own connection.
      Connection connection = pool.take();
      assertThat(
              timed(() -> {
                howdah.on(connection).kv("n-DURABLE", Integer.class).set(user + "-joined", round);
                List<String> own = PrivatePostgres.sql(connection, "SELECT 7");
                connection.commit();
                return own;
              }))
          .containsExactly("7");
      pool.add(connection);
    }

    @Override
    public void close() {
      for (Connection connection : pool) {
        try {
          connection.close();
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      }
      howdah.close();
    }
  }

  private void timed(Runnable call) {
    long began = System.nanoTime();
    call.run();
    nanos.add(System.nanoTime() - began);
  }

  private <R> R timed(Callable<R> call) throws Exception {
    long began = System.nanoTime();
    R result = call.call();
    nanos.add(System.nanoTime() - began);
    return result;
  }

  @Test
  void aThousandConnectionsWorkOnTwentyAndTenThousandAreKept(@TempDir Path folder)
      throws Exception {
    Path program = Programs.require("pgbouncer");
    try (PrivatePostgres postgres = PrivatePostgres.create("max_connections = 100");
        TestPooler pooler =
            TestPooler.before(
                program,
                folder,
                postgres.port(),
                "default_pool_size = " + SERVERS,
                "max_client_conn = 12000")) {
      long empty = residentKilobytes(pooler.pid());
      prepare(postgres);
      List<Process> processes = new ArrayList<>();
      List<PlainClient> idle = new ArrayList<>();
      try {
        for (int i = 0; i < PROCESSES; i++) {
          processes.add(new Process(i, postgres.urlAt(pooler.port()), postgres.url()));
        }
        assertThat(pooler.clients()).isGreaterThanOrEqualTo(1_000);
        work("1,000 connections", processes, 0);
        assertThat(servers(postgres)).hasSizeLessThanOrEqualTo(SERVERS);
        long busy = residentKilobytes(pooler.pid());
        LOG.info(
            "{} clients: PgBouncer holds {} kB, {} kB when it had none; each of {} server connections {} kB of its own",
            pooler.clients(),
            busy,
            empty,
            servers(postgres).size(),
            meanPrivateKilobytes(servers(postgres)));

        assumeTrue(files(pooler) > 12_100, "too few files for 10,000 clients");
        while (pooler.clients() < IDLE) {
          for (int i = 0; i < 500; i++) {
            idle.add(new PlainClient(pooler.port(), "postgres"));
          }
        }
        long full = residentKilobytes(pooler.pid());
        LOG.info(
            "{} more that are idle: PgBouncer holds {} kB, {} bytes for each of them",
            idle.size(),
            full,
            (full - busy) * 1_024 / idle.size());
        work("and 10,000 idle ones", processes, ROUNDS);
        for (int i = 0; i < idle.size(); i += 50) {
          assertThat(idle.get(i).ask("SELECT 1")).containsExactly("1");
        }
        assertThat(servers(postgres)).hasSizeLessThanOrEqualTo(SERVERS);
        nothingIsLost(processes.get(0).howdah);
      } finally {
        for (PlainClient client : idle) {
          client.close();
        }
        processes.forEach(Process::close);
      }
      Eventually.holds("no connection is left", () -> pooler.clients() == 0);
    }
  }

  private static void prepare(PrivatePostgres postgres) {
    try (Howdah howdah = Howdah.open(postgres.url())) {
      for (Durability level : Durability.values()) {
        howdah.namespaces().create("n-" + level, level);
      }
      howdah.flags().set("on", FlagDefinition.builder().enabled(true).build(), "ann", null);
      howdah.config("app").set(MAX, 2, "ann", null);
    }
  }

  private void work(String what, List<Process> processes, int firstRound) {
    nanos.clear();
    try (Worker worker =
        processes
            .get(0)
            .howdah
            .jobs("all", Integer.class)
            .worker(job -> assertThat(jobsDone.add(job.payload())).isTrue())) {
      List<Boolean> done =
          Threads.run(
              PROCESSES * CALLERS,
              Duration.ofMinutes(5),
              thread -> {
                for (int round = firstRound; round < firstRound + ROUNDS; round++) {
                  processes.get(thread / CALLERS).round(round, thread % CALLERS);
                }
                return true;
              });
      assertThat(done).containsOnly(true);
      int jobs = PROCESSES * CALLERS * (firstRound + ROUNDS);
      Eventually.holds("the jobs are done", Duration.ofMinutes(3), () -> jobsDone.size() == jobs);
      assertThat(worker).isNotNull();
    }
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    assertThat(Duration.ofNanos(sorted[sorted.length - 1])).isLessThan(BOUND.plusSeconds(4));
    LOG.info(
        "{}: {} calls, median {} ms, 99 % within {} ms, the longest {} ms",
        what,
        sorted.length,
        millis(sorted[sorted.length / 2]),
        millis(sorted[sorted.length * 99 / 100]),
        millis(sorted[sorted.length - 1]));
  }

  private static String millis(long nanos) {
    return "%.1f".formatted(nanos / 1e6);
  }

  private static void nothingIsLost(Howdah howdah) {
    for (Durability level : Durability.values()) {
      KeyValueStore<Integer> store = howdah.kv("n-" + level, Integer.class);
      assertThat(store.get("sum")).contains(PROCESSES * CALLERS * ROUNDS * 2);
    }
    assertThat(howdah.jobs("all", Integer.class).list(JobState.DEAD, 0, 1)).isEmpty();
  }

  /** The server's processes for connections of the pooler. */
  private static List<String> servers(PrivatePostgres postgres) {
    return postgres.sql(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            + " AND query NOT LIKE '%howdah listener%'");
  }

  private static int files(TestPooler pooler) {
    Matcher limit = Pattern.compile("file descriptor limit: (\\d+)").matcher(pooler.log());
    assertThat(limit.find()).as(pooler.log()).isTrue();
    return Integer.parseInt(limit.group(1));
  }

  private static long residentKilobytes(long pid) throws IOException {
    return kilobytes(Path.of("/proc/" + pid + "/status"), "VmRSS");
  }

  /** Of a server process that which it shares with no other: not the shared buffers. */
  private static long meanPrivateKilobytes(List<String> pids) throws IOException {
    long sum = 0;
    for (String pid : pids) {
      Path file = Path.of("/proc/" + pid + "/smaps_rollup");
      sum += kilobytes(file, "Private_Dirty") + kilobytes(file, "Private_Clean");
    }
    return sum / pids.size();
  }

  private static long kilobytes(Path file, String name) throws IOException {
    Matcher line =
        Pattern.compile("(?m)^" + name + ":\\s+(\\d+) kB").matcher(Files.readString(file));
    assertThat(line.find()).as(name + " in " + file).isTrue();
    return Long.parseLong(line.group(1));
  }
}
