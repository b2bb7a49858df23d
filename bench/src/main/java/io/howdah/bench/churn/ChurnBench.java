package io.howdah.bench.churn;

import io.howdah.Howdah;
import io.howdah.bench.churn.ChurnSample.Phase;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Latencies;
import io.howdah.bench.measure.PacedLoad;
import io.howdah.bench.server.PostgresServer;
import io.howdah.bench.server.ServerCpu;
import io.howdah.bench.server.Servers;
import io.howdah.kv.KeyValueStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A steady load of values that come and go, looked at now and then. At regular intervals it runs at
 * full speed for a moment: a store that is slower than it was may still keep up with the steady
 * rate, so that rate alone would not show it.
 */
public final class ChurnBench {

  /** After a run at full speed, for the calls that it left to be answered. */
  private static final Duration CALM = Duration.ofMillis(500);

  private final ChurnSettings settings;
  private final Servers servers;
  private final Consumer<String> progress;
  private final List<ChurnSample> samples = new ArrayList<>();
  private final List<Probe> probes = new ArrayList<>();

  public ChurnBench(ChurnSettings settings, Servers servers, Consumer<String> progress) {
    this.settings = settings;
    this.servers = servers;
    this.progress = progress;
  }

  /** How many connections to Postgres it opens. */
  public static int connections() {
    return 20;
  }

  /** Starts the server. */
  public void prepare() throws Exception {
    PostgresServer unused = servers.postgres();
  }

  /**
   * Loads, and measures.
   *
   * @param afterEachSample is given all that was seen so far
   */
  public ChurnResult run(Consumer<ChurnResult> afterEachSample) throws Exception {
    PostgresServer server = servers.postgres();
    try (Howdah howdah =
            Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open();
        TableWatch watch = new TableWatch(howdah, server, settings.levels())) {
      List<ChurnCaller> callers = callers(howdah);
      progress.accept(
          String.format(
              Locale.ROOT,
              "loading %,d live values …",
              (long) callers.size() * settings.keysPerThread()));
      callers.forEach(ChurnCaller::load);
      servers.settle();
      watch.remember();
      return new Play(server, watch, callers, afterEachSample).play();
    }
  }

  private List<ChurnCaller> callers(Howdah howdah) {
    Map<Durability, KeyValueStore<String>> stores = new EnumMap<>(Durability.class);
    settings.levels().forEach(each -> stores.put(each, ChurnCaller.store(howdah, each)));
    List<ChurnCaller> callers = new ArrayList<>();
    for (int thread = 0; thread < settings.threads(); thread++) {
      Durability level = settings.levels().get(thread % settings.levels().size());
      KeyValueStore<String> store = stores.get(level);
      if (store != null) {
        callers.add(new ChurnCaller(thread, store, settings));
      }
    }
    return callers;
  }

  /** One run, from the first call to the last. */
  private final class Play {
    private final PostgresServer server;
    private final TableWatch watch;
    private final List<ChurnCaller> callers;
    private final Consumer<ChurnResult> afterEachSample;
    private final Optional<ServerCpu> cpu;
    private long began;

    Play(
        PostgresServer server,
        TableWatch watch,
        List<ChurnCaller> callers,
        Consumer<ChurnResult> afterEachSample) {
      this.server = server;
      this.watch = watch;
      this.callers = callers;
      this.afterEachSample = afterEachSample;
      cpu = server.cpu();
    }

    ChurnResult play() throws Exception {
      progress.accept("warming up …");
      PacedLoad load = PacedLoad.start(callers, 0);
      try (load) {
        TimeUnit.NANOSECONDS.sleep(settings.warmup().toNanos());
        load.changePace(settings.rate());
        began = System.nanoTime();
        if (settings.holdsSnapshot()) {
          try (Connection dump = holdSnapshot()) {
            phase(load, Phase.STEADY, settings.length());
            dump.rollback();
          }
          progress.accept("the snapshot is released");
          phase(load, Phase.RECOVERY, settings.length().plus(settings.recovery()));
        } else {
          phase(load, Phase.STEADY, settings.length());
        }
      }
      long checked = 0;
      for (ChurnCaller caller : callers) {
        checked += caller.checkAll(load);
      }
      return result(load, checked);
    }

    /** What pg_dump does first. */
    private Connection holdSnapshot() throws SQLException {
      Connection connection = server.connect();
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      try (Statement statement = connection.createStatement()) {
        // A snapshot is taken with the first statement that reads.
        statement.execute("SELECT count(*) FROM pg_class");
      }
      progress.accept("a REPEATABLE READ snapshot is held");
      return connection;
    }

    private void phase(PacedLoad load, Phase phase, Duration until) throws Exception {
      long end = began + until.toNanos();
      while (end - System.nanoTime() > 0) {
        long left = end - System.nanoTime();
        long next = System.nanoTime() + Math.min(left, settings.probeEvery().toNanos());
        probe(load, phase);
        steady(load, phase, next);
      }
      probe(load, phase);
    }

    private void probe(PacedLoad load, Phase phase) throws InterruptedException {
      if (settings.probe().isZero()) {
        return;
      }
      double at = seconds();
      load.changePace(0);
      PacedLoad.Interval unused = load.takeInterval();
      TimeUnit.NANOSECONDS.sleep(settings.probe().toNanos());
      probes.add(new Probe(phase, at, load.takeInterval().callsPerSecond()));
      load.changePace(settings.rate());
      TimeUnit.NANOSECONDS.sleep(CALM.toNanos());
    }

    private void steady(PacedLoad load, Phase phase, long until) throws Exception {
      PacedLoad.Interval unused = load.takeInterval();
      Optional<Duration> cpuBefore = cpu.map(ServerCpu::used);
      while (until - System.nanoTime() > 0) {
        long nap = Math.min(settings.sampleEvery().toNanos(), until - System.nanoTime());
        TimeUnit.NANOSECONDS.sleep(Math.max(0, nap));
        PacedLoad.Interval interval = load.takeInterval();
        Optional<Duration> cpuAfter = cpu.map(ServerCpu::used);
        // One that is cut short by the next run at full speed tells little.
        if (interval.nanos() >= settings.sampleEvery().toNanos() / 2) {
          sample(phase, interval, cpuBefore, cpuAfter);
          afterEachSample.accept(result(load, 0));
        }
        // To look at the tables is a load too, which is nobody's.
        unused = load.takeInterval();
        cpuBefore = cpu.map(ServerCpu::used);
      }
    }

    private void sample(
        Phase phase,
        PacedLoad.Interval interval,
        Optional<Duration> cpuBefore,
        Optional<Duration> cpuAfter)
        throws SQLException {
      OptionalDouble micros = OptionalDouble.empty();
      if (cpuBefore.isPresent() && cpuAfter.isPresent() && interval.calls() > 0) {
        Duration used = cpuAfter.get().minus(cpuBefore.get());
        micros = OptionalDouble.of(used.toNanos() / 1e3 / interval.calls());
      }
      ChurnSample sample =
          new ChurnSample(
              phase,
              seconds(),
              interval.callsPerSecond(),
              Latencies.of(interval.latencies()),
              micros,
              watch.look());
      samples.add(sample);
    }

    private double seconds() {
      return (System.nanoTime() - began) / 1e9;
    }

    private ChurnResult result(PacedLoad load, long checkedAtTheEnd) {
      return new ChurnResult(
          List.copyOf(samples),
          List.copyOf(probes),
          checkedAtTheEnd,
          load.failures(),
          load.wrongAnswers(),
          load.problems());
    }
  }
}
