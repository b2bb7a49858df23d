package io.howdah.bench.functions;

import io.howdah.Codec;
import io.howdah.Howdah;
import io.howdah.bench.kv.Dataset;
import io.howdah.bench.measure.CallByCall;
import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Profile.Family;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Round;
import io.howdah.bench.server.PostgresServer;
import io.howdah.bench.server.Servers;
import io.howdah.kv.KeyValueStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;

/** Loads the tables, then plays a case for each operation, level and size of batch. */
public final class FunctionsBench {

  private static final int KEYS_PER_CALL = 1_000;

  /** Nobody loses anything here, so the durability of the profiles says nothing. */
  private static final Profile FUNCTIONS =
      new Profile(
          "functions",
          "functions",
          "the statement that the engine sends for a batch, which calls one of Howdah's SQL"
              + " functions",
          Family.HOWDAH,
          Durability.EPHEMERAL);

  private static final Profile BARE =
      new Profile(
          "bare",
          "bare",
          "the same INSERT … ON CONFLICT or SELECT on the same table without a function, over the"
              + " same arguments",
          Family.POSTGRES,
          Durability.EPHEMERAL);

  private final FunctionsSettings settings;
  private final Servers servers;
  private final Progress progress;
  private final Dataset dataset;

  public FunctionsBench(FunctionsSettings settings, Servers servers, Progress progress) {
    this.settings = settings;
    this.servers = servers;
    this.progress = progress;
    this.dataset = new Dataset(settings.keys(), settings.valueBytes());
  }

  static String namespace(Durability level) {
    return "functions-" + level.name().toLowerCase(Locale.ROOT);
  }

  /** Starts the server and loads the data. */
  public void prepare() throws Exception {
    PostgresServer server = servers.postgres();
    try (Howdah howdah =
        Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open()) {
      for (Durability level : settings.levels()) {
        progress.phase("loading " + settings.keys() + " keys into " + namespace(level));
        load(howdah, level);
      }
    }
  }

  private void load(Howdah howdah, Durability level) {
    howdah.namespaces().create(namespace(level), io.howdah.Durability.valueOf(level.name()));
    KeyValueStore<String> store = howdah.kv(namespace(level), Codec.rawJson());
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < dataset.size(); i++) {
      values.put(dataset.key(i), dataset.value(i, 0));
      if (values.size() == KEYS_PER_CALL || i == dataset.size() - 1) {
        store.setAll(values);
        values.clear();
      }
    }
  }

  /** The two spellings. */
  public List<Profile> profiles() {
    return List.of(FUNCTIONS, BARE);
  }

  /**
   * How many times the median time of the bare statement the other one takes. Not the calls per
   * second: a few per cent are looked for, and whatever else the machine does weighs on the slowest
   * calls of a round, and so on its sum.
   */
  public List<Comparison> comparisons() {
    return List.of(
        new Comparison(
            "time × bare", Round::medianMicros, (profile, workload) -> List.of(BARE.name())));
  }

  /**
   * Measures.
   *
   * @param afterEachCase is given all results so far
   */
  public List<CaseResult> run(Consumer<List<CaseResult>> afterEachCase) throws Exception {
    CallByCall game = new CallByCall(settings.schedule(), progress);
    List<CaseResult> results = new ArrayList<>();
    List<BatchCase> cases = settings.cases();
    progress.begin(
        settings.schedule().perContestant().multipliedBy((long) cases.size() * profiles().size()));
    for (BatchCase each : cases) {
      servers.settle();
      results.addAll(play(game, each));
      afterEachCase.accept(List.copyOf(results));
    }
    return results;
  }

  private List<CaseResult> play(CallByCall game, BatchCase batch) throws Exception {
    PostgresServer server = servers.postgres();
    try (Connection connection = connect(server, batch.level());
        BatchTurn functions = turn(connection, batch, EngineStatements::of, 1);
        BatchTurn bare = turn(connection, batch, BareStatements::of, 2)) {
      return game.play(
          new Case(batch.id(), 1),
          List.of(new CallByCall.Player(FUNCTIONS, functions), new CallByCall.Player(BARE, bare)),
          () -> {
            if (batch.operation() == Operation.SET) {
              server.vacuum(PostgresServer.table(batch.level()));
            }
          });
    }
  }

  private interface Spelling {
    BatchStatement of(Operation operation, Durability level, String namespace);
  }

  private BatchTurn turn(Connection connection, BatchCase batch, Spelling spelling, long seed)
      throws SQLException {
    BatchStatement statement =
        spelling.of(batch.operation(), batch.level(), namespace(batch.level()));
    return new BatchTurn(connection, batch.operation(), statement, batch.size(), dataset, seed);
  }

  /** As a lane of the engine, which prepares each statement at its first use. */
  private static Connection connect(PostgresServer server, Durability level) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("prepareThreshold", "1");
    Connection connection = DriverManager.getConnection(server.jdbcUrl(), properties);
    if (level == Durability.RELAXED) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET synchronous_commit = off");
      }
    }
    return connection;
  }
}
