package io.howdah.bench.neighbour;

import com.sun.management.OperatingSystemMXBean;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.PacedLoad;
import io.howdah.bench.measure.Spread;
import io.howdah.bench.measure.TurnOrder;
import io.howdah.bench.neighbour.NeighbourResult.Growth;
import io.howdah.bench.neighbour.NeighbourResult.WalCost;
import io.howdah.bench.pgbench.Pgbench;
import io.howdah.bench.pgbench.PgbenchLog;
import io.howdah.bench.server.PostgresServer;
import io.howdah.bench.server.ServerCpu;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * pgbench at a part of its maximum, alone and beside Howdah, in short rounds that take turns. Then
 * Howdah alone, for what it adds to the log: beside pgbench that would drown in what pgbench
 * writes.
 */
public final class NeighbourBench {

  private static final int SEARCHES = 3;

  private final NeighbourSettings settings;
  private final Servers servers;
  private final WorkFolder folder;
  private final Path executable;
  private final Consumer<String> progress;
  private final Map<NeighbourCase, List<NeighbourRound>> rounds = new LinkedHashMap<>();
  private final List<WalCost> wal = new ArrayList<>();
  private final List<Growth> growth = new ArrayList<>();
  private final Set<String> problems = new LinkedHashSet<>();
  private double maximum;

  /**
   * @param executable the pgbench to start
   */
  public NeighbourBench(
      NeighbourSettings settings,
      Servers servers,
      WorkFolder folder,
      Path executable,
      Consumer<String> progress) {
    this.settings = settings;
    this.servers = servers;
    this.folder = folder;
    this.executable = executable;
    this.progress = progress;
  }

  /** Starts the server, and fills pgbench's tables. */
  public void prepare() throws Exception {
    PostgresServer unused = servers.postgres();
    progress.accept("filling pgbench's tables …");
    pgbench().initialise(settings.scale());
  }

  private Pgbench pgbench() throws IOException, SQLException {
    return Pgbench.withTablesIn(
        PostgresServer.SCHEMA, executable, servers.postgres().jdbcUrl(), folder.path());
  }

  /**
   * Loads, and measures.
   *
   * @param afterEachRound is given all results so far
   */
  public NeighbourResult run(Consumer<NeighbourResult> afterEachRound) throws Exception {
    HowdahSide howdah = new HowdahSide(servers.postgres(), settings);
    progress.accept(
        String.format(Locale.ROOT, "loading %,d keys into each namespace …", settings.keys()));
    howdah.load();
    servers.settle();
    findMaximum();
    warmUp(howdah);
    Map<String, Long> before = tableBytes();
    List<NeighbourCase> cases = settings.cases();
    TurnOrder order = new TurnOrder(cases.size(), settings.hashCode());
    for (int round = 0; round < settings.rounds(); round++) {
      List<Integer> turns = order.of(round);
      for (int position = 0; position < turns.size(); position++) {
        play(cases.get(turns.get(position)), round, position, howdah);
      }
      afterEachRound.accept(result(howdah));
    }
    noteGrowth(before);
    measureLog(howdah);
    return result(howdah);
  }

  private NeighbourResult result(HowdahSide howdah) {
    Set<String> all = new LinkedHashSet<>(problems);
    all.addAll(howdah.problems());
    Map<NeighbourCase, List<NeighbourRound>> inOrder = new LinkedHashMap<>();
    for (NeighbourCase each : settings.cases()) {
      inOrder.put(each, List.copyOf(rounds.getOrDefault(each, List.of())));
    }
    return new NeighbourResult(
        maximum, inOrder, List.copyOf(wal), List.copyOf(growth), List.copyOf(all));
  }

  private void findMaximum() throws Exception {
    List<Double> found = new ArrayList<>();
    for (int search = 0; search < SEARCHES; search++) {
      found.add(pgbench().maximum(settings.clients(), settings.maximumSeconds()));
    }
    maximum = Spread.of(found).median();
    progress.accept(
        String.format(
            Locale.ROOT,
            "pgbench alone: %,.0f transactions/s at most; it is driven at %,.0f",
            maximum,
            maximum * settings.share()));
  }

  /** So that no round is the first one of code that has not been compiled yet. */
  private void warmUp(HowdahSide howdah) throws InterruptedException {
    int fastest = settings.rates().stream().mapToInt(Integer::intValue).max().orElse(1);
    for (Durability level : settings.levels()) {
      try (HowdahSide.Running running = howdah.start(level, fastest)) {
        TimeUnit.SECONDS.sleep(settings.warmup());
      }
    }
  }

  private void play(NeighbourCase each, int round, int position, HowdahSide howdah)
      throws Exception {
    HowdahSide.@Nullable Running running =
        each.level().isPresent() ? howdah.start(each.level().get(), each.rate()) : null;
    try {
      NeighbourRound played = measure(round, position, running == null ? null : running.load());
      rounds.computeIfAbsent(each, none -> new ArrayList<>()).add(played);
      progress.accept(
          String.format(
              Locale.ROOT,
              "round %d of %d, %s: p50 %.2f ms, p99 %.2f ms, %,.0f transactions/s, %,.0f calls/s",
              round + 1,
              settings.rounds(),
              each.label(),
              played.transactionLatencies().p50() / 1e3,
              played.transactionLatencies().p99() / 1e3,
              played.transactionsPerSecond(),
              played.callsPerSecond()));
    } finally {
      if (running != null) {
        running.close();
      }
    }
  }

  private NeighbourRound measure(int round, int position, @Nullable PacedLoad load)
      throws Exception {
    PostgresServer server = servers.postgres();
    Optional<ServerCpu> cpu = server.cpu();
    Pgbench.Started started =
        pgbench()
            .start(
                settings.clients(),
                settings.warmup() + settings.seconds(),
                maximum * settings.share(),
                round + 1);
    try {
      TimeUnit.SECONDS.sleep(settings.warmup());
      PacedLoad.Interval unused = load == null ? null : load.takeInterval();
      Optional<Duration> cpuBefore = cpu.map(ServerCpu::used);
      long clientBefore = clientNanos();
      long walBefore = server.walBytes();
      long fromMicros = System.currentTimeMillis() * 1_000;
      long began = System.nanoTime();
      TimeUnit.SECONDS.sleep(settings.seconds());
      double seconds = (System.nanoTime() - began) / 1e9;
      long toMicros = System.currentTimeMillis() * 1_000;
      PacedLoad.Interval interval = load == null ? null : load.takeInterval();
      long walBytes = server.walBytes() - walBefore;
      double clientCores = (clientNanos() - clientBefore) / 1e9 / seconds;
      OptionalDouble serverCores = cores(cpuBefore, cpu.map(ServerCpu::used), seconds);
      PgbenchLog log = started.finish(fromMicros, toMicros);
      if (log.failed() > 0) {
        problems.add("transactions of pgbench failed: " + log.failed());
      }
      return new NeighbourRound(
          round,
          position,
          seconds,
          log.latencies(),
          serverCores,
          clientCores,
          interval == null ? 0 : interval.calls(),
          interval == null ? new Histogram(3) : interval.latencies(),
          walBytes);
    } finally {
      started.kill();
    }
  }

  private static OptionalDouble cores(
      Optional<Duration> before, Optional<Duration> after, double seconds) {
    return before.isPresent() && after.isPresent()
        ? OptionalDouble.of(after.get().minus(before.get()).toNanos() / 1e9 / seconds)
        : OptionalDouble.empty();
  }

  /** The processor time of this program. */
  private static long clientNanos() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  private Map<String, Long> tableBytes() throws Exception {
    Map<String, Long> bytes = new LinkedHashMap<>();
    for (Durability level : settings.levels()) {
      String table = PostgresServer.table(level);
      bytes.put(table, servers.postgres().totalBytes(table));
    }
    return bytes;
  }

  private void noteGrowth(Map<String, Long> before) throws Exception {
    Map<String, Long> after = tableBytes();
    for (Map.Entry<String, Long> table : before.entrySet()) {
      long calls =
          rounds.entrySet().stream()
              .filter(each ->
                  each.getKey().level().map(PostgresServer::table).stream()
                      .anyMatch(table.getKey()::equals))
              .flatMap(each -> each.getValue().stream())
              .mapToLong(NeighbourRound::calls)
              .sum();
      growth.add(
          new Growth(
              table.getKey().replaceFirst("^.*\\.", ""),
              table.getValue(),
              after.getOrDefault(table.getKey(), 0L),
              calls));
    }
  }

  private void measureLog(HowdahSide howdah) throws Exception {
    for (Durability level : settings.levels()) {
      for (int rate : settings.rates()) {
        OptionalDouble afterCheckpoint = OptionalDouble.empty();
        if (servers.postgres().isPrivate()) {
          servers.postgres().checkpoint();
          afterCheckpoint = OptionalDouble.of(bytesPerCall(howdah, level, rate).bytesPerCall());
        }
        howdah.rewrite(level);
        WalCost between = bytesPerCall(howdah, level, rate);
        wal.add(new WalCost(level, rate, between.calls(), between.bytesPerCall(), afterCheckpoint));
        progress.accept(
            String.format(
                Locale.ROOT,
                "log of %s: %.0f bytes a call",
                NeighbourCase.with(level, rate).label(),
                between.bytesPerCall()));
      }
    }
  }

  private WalCost bytesPerCall(HowdahSide howdah, Durability level, int rate) throws Exception {
    PostgresServer server = servers.postgres();
    try (HowdahSide.Running running = howdah.start(level, rate)) {
      long before = server.walBytes();
      PacedLoad.Interval unused = running.load().takeInterval();
      TimeUnit.SECONDS.sleep(settings.walSeconds());
      long calls = Math.max(1, running.load().takeInterval().calls());
      long bytes = server.walBytes() - before;
      return new WalCost(level, rate, calls, (double) bytes / calls, OptionalDouble.empty());
    }
  }
}
