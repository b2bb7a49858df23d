package io.howdah.bench.neighbour;

import io.howdah.Codec;
import io.howdah.Howdah;
import io.howdah.bench.kv.Dataset;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.PacedLoad;
import io.howdah.bench.server.PostgresServer;
import io.howdah.kv.KeyValueStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Howdah as the neighbour of pgbench: opened for one case, closed after it. */
final class HowdahSide {

  private static final int KEYS_PER_CALL = 1_000;

  private final PostgresServer server;
  private final NeighbourSettings settings;
  private final Dataset dataset;
  private final Set<String> problems = new LinkedHashSet<>();

  HowdahSide(PostgresServer server, NeighbourSettings settings) {
    this.server = server;
    this.settings = settings;
    dataset = new Dataset(settings.keys(), settings.valueBytes());
  }

  /** A load that runs, and the connections that it runs on. */
  final class Running implements AutoCloseable {
    private final Howdah howdah;
    private final PacedLoad load;

    private Running(Howdah howdah, PacedLoad load) {
      this.howdah = howdah;
      this.load = load;
    }

    PacedLoad load() {
      return load;
    }

    @Override
    public void close() throws InterruptedException {
      load.close();
      problems.addAll(load.problems());
      howdah.close();
    }
  }

  /** Registers a namespace of each level, and fills it. */
  void load() {
    try (Howdah howdah = open()) {
      for (Durability level : settings.levels()) {
        howdah.namespaces().create(namespace(level), io.howdah.Durability.valueOf(level.name()));
        write(howdah, level);
      }
    }
  }

  /** Writes each value of a level once. */
  void rewrite(Durability level) {
    try (Howdah howdah = open()) {
      write(howdah, level);
    }
  }

  private void write(Howdah howdah, Durability level) {
    KeyValueStore<String> store = howdah.kv(namespace(level), Codec.rawJson());
    for (Dataset.Range range : dataset.ranges(KEYS_PER_CALL)) {
      Map<String, String> values = new LinkedHashMap<>();
      for (int i = range.from(); i < range.to(); i++) {
        values.put(dataset.key(i), dataset.value(i, 0));
      }
      store.setAll(values, NeighbourCaller.TTL);
    }
  }

  /** Calls at a rate until it is closed. */
  Running start(Durability level, int rate) {
    Howdah howdah = open();
    KeyValueStore<String> store = howdah.kv(namespace(level), Codec.rawJson());
    List<NeighbourCaller> callers = new ArrayList<>();
    for (int thread = 0; thread < settings.threads(); thread++) {
      callers.add(new NeighbourCaller(store, dataset, thread));
    }
    return new Running(howdah, PacedLoad.start(callers, rate));
  }

  /** What went wrong in all loads that were closed. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  private Howdah open() {
    return Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open();
  }

  private static String namespace(Durability level) {
    return "neighbour-" + level.name().toLowerCase(Locale.ROOT);
  }
}
