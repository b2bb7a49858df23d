package io.howdah.bench.preference;

import io.howdah.Howdah;
import io.howdah.bench.measure.CallByCall;
import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Round;
import io.howdah.bench.server.PostgresServer;
import io.howdah.bench.server.Servers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;

/** Loads the same preferences into each storage, and asks each the same questions. */
public final class PreferenceBench {
  private final PreferenceSettings settings;
  private final Servers servers;
  private final Progress progress;
  private String home = "";

  public PreferenceBench(PreferenceSettings settings, Servers servers, Progress progress) {
    this.settings = settings;
    this.servers = servers;
    this.progress = progress;
  }

  /** Starts the server and loads the data. */
  public void prepare() throws Exception {
    PostgresServer server = servers.postgres();
    // Makes the schema; its sweeper is not to disturb.
    Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open().close();
    progress.phase("loading the preferences of " + settings.users() + " users");
    server.execute(
        "CREATE EXTENSION IF NOT EXISTS hstore SCHEMA " + PostgresServer.SCHEMA,
        "SELECT " + PostgresServer.HOWDAH_SCHEMA + ".preference_hstore_enable()");
    home = hstoreHome(server);
    load(server);
  }

  private static String hstoreHome(PostgresServer server) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT quote_ident(n.nspname) FROM pg_extension AS e"
                    + " JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'hstore'")) {
      if (!rows.next()) {
        throw new SQLException("the extension hstore is not there");
      }
      return rows.getString(1);
    }
  }

  private void load(PostgresServer server) throws SQLException {
    String schema = PostgresServer.SCHEMA + ".";
    String hstore = "(SELECT " + home + ".hstore(array_agg(e.key), array_agg(e.value))";
    String pairs = " FROM " + schema + "pref_jsonb AS p";
    server.execute(
        "CREATE TABLE "
            + schema
            + "pref_jsonb (user_id text COLLATE \"C\" PRIMARY KEY,"
            + " prefs jsonb NOT NULL) WITH (fillfactor = 80)",
        "CREATE TABLE "
            + schema
            + "pref_hstore (user_id text COLLATE \"C\" PRIMARY KEY,"
            + " prefs "
            + home
            + ".hstore NOT NULL) WITH (fillfactor = 80)",
        "CREATE TABLE "
            + schema
            + "pref_rows (user_id text COLLATE \"C\", key text COLLATE \"C\","
            + " value text NOT NULL, PRIMARY KEY (user_id, key)) WITH (fillfactor = 80)",
        "INSERT INTO "
            + schema
            + "pref_jsonb SELECT 'user-' || u, (SELECT jsonb_object_agg('key-' || k,"
            + " 'v' || CASE k WHEN "
            + (PreferenceSettings.KEYS - 1)
            + " THEN u ELSE u * 31 + k * 17 END % "
            + PreferenceSettings.VALUES
            + ") FROM generate_series(0, "
            + (PreferenceSettings.KEYS - 1)
            + ") AS k) FROM generate_series(0, "
            + (settings.users() - 1)
            + ") AS u",
        "INSERT INTO "
            + schema
            + "pref_hstore SELECT p.user_id, "
            + hstore
            + " FROM jsonb_each_text(p.prefs) AS e)"
            + pairs,
        "INSERT INTO "
            + schema
            + "pref_rows SELECT p.user_id, e.key, e.value"
            + pairs
            + ", jsonb_each_text(p.prefs) AS e",
        "INSERT INTO " + Storage.HOWDAH.table() + " SELECT p.user_id, p.prefs, now()" + pairs,
        "INSERT INTO "
            + Storage.HOWDAH_HSTORE.table()
            + " SELECT p.user_id, p.prefs, now() FROM "
            + schema
            + "pref_hstore AS p");
    vacuum(server);
  }

  private static void vacuum(PostgresServer server) throws SQLException {
    for (Storage storage : Storage.values()) {
      server.vacuum(storage.table());
    }
  }

  /** The storages. */
  public List<Profile> profiles() {
    return Arrays.stream(Storage.values()).map(Storage::profile).toList();
  }

  /** How many times the median time of JSONB hstore takes. */
  public List<Comparison> comparisons() {
    return List.of(
        new Comparison(
            "hstore: time × JSONB",
            Round::medianMicros,
            (profile, workload) -> List.of(Storage.JSONB.profile().name())));
  }

  /** How much space each takes, with its indexes, in bytes. */
  public Map<String, Long> sizes() throws Exception {
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (Storage storage : Storage.values()) {
      sizes.put(storage.profile().label(), servers.postgres().totalBytes(storage.table()));
    }
    return sizes;
  }

  /**
   * Measures.
   *
   * @param afterEachCase is given all results so far
   */
  public List<CaseResult> run(Consumer<List<CaseResult>> afterEachCase) throws Exception {
    CallByCall game = new CallByCall(settings.schedule(), progress);
    List<CaseResult> results = new ArrayList<>();
    int games = Question.values().length * Storage.values().length;
    progress.begin(settings.schedule().perContestant().multipliedBy(games));
    boolean indexed = false;
    for (Question question : Question.values()) {
      if (question.needsIndex() && !indexed) {
        index();
        indexed = true;
      }
      servers.settle();
      results.addAll(play(game, question));
      afterEachCase.accept(List.copyOf(results));
    }
    return results;
  }

  private void index() throws Exception {
    progress.phase("making the indexes");
    PostgresServer server = servers.postgres();
    for (Storage storage : Storage.values()) {
      server.execute(storage.index(home));
    }
    vacuum(server);
  }

  private List<CaseResult> play(CallByCall game, Question question) throws Exception {
    PostgresServer server = servers.postgres();
    List<PreferenceTurn> turns = new ArrayList<>();
    try (Connection connection = connect(server)) {
      List<CallByCall.Player> players = new ArrayList<>();
      for (Storage storage : Storage.values()) {
        PreferenceTurn turn =
            new PreferenceTurn(connection, storage, question, settings.users(), home, turns.size());
        turns.add(turn);
        players.add(new CallByCall.Player(storage.profile(), turn));
      }
      List<CaseResult> results =
          game.play(
              new Case(question.id(), 1),
              players,
              () -> {
                if (question.writes()) {
                  vacuum(server);
                }
              });
      for (PreferenceTurn turn : turns) {
        turn.close();
      }
      return results;
    }
  }

  /** The wait for the disk would drown the difference between two types. */
  private static Connection connect(PostgresServer server) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("prepareThreshold", "1");
    Connection connection = DriverManager.getConnection(server.jdbcUrl(), properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = off");
    }
    return connection;
  }
}
