package io.howdah.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.flag.FlagDefinition;
import io.howdah.flag.FlagSubject;
import io.howdah.kv.KeyValueStore;
import io.howdah.session.SessionSettings;
import io.howdah.sweep.SweepReport;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** How the schema comes, stays and changes. */
class MigratorTest {
  private final String schema = TestPostgres.freshSchema(getClass());
  private final Migrator migrator = new Migrator(TestPostgres.dataSource(), schema);

  @AfterEach
  void drop() throws SQLException {
    execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    execute("DROP SCHEMA IF EXISTS " + schema + "_b CASCADE");
    execute(
        "DO $$ BEGIN IF to_regrole('"
            + role()
            + "') IS NOT NULL THEN DROP OWNED BY "
            + role()
            + "; DROP ROLE "
            + role()
            + "; END IF; END $$");
  }

  private String role() {
    return schema + "_app";
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> query(String sql) {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        all.add(rows.getString(1));
      }
      return all;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertSchemaFault(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA))
        .hasMessageContaining(message);
  }

  @Test
  void twentyProcessesThatStartAtOnceMigrateOnce() {
    List<Boolean> migrated =
        Threads.run(20, thread -> new Migrator(TestPostgres.dataSource(), schema).migrate());
    assertThat(migrated.stream().filter(did -> did)).hasSize(1);
    migrator.validate();
    assertThat(migrator.migrate()).isFalse();
  }

  /** A database, or a role, may have made every transaction see what was there when it began. */
  @ParameterizedTest
  @ValueSource(strings = {"repeatable read", "serializable"})
  void twentyProcessesMigrateOnceWhateverTheDefaultIsolationIs(String isolation) {
    PGSimpleDataSource isolated = new PGSimpleDataSource();
    isolated.setUrl(TestPostgres.url());
    isolated.setOptions("-c default_transaction_isolation=" + isolation.replace(" ", "\\ "));
    List<Boolean> migrated = Threads.run(20, thread -> new Migrator(isolated, schema).migrate());
    assertThat(migrated.stream().filter(did -> did)).hasSize(1);
    migrator.validate();
  }

  @Test
  void dryRunIsIsolatedAsAMigrationIs() {
    assertThat(migrator.dryRun())
        .startsWith("BEGIN;\nSET TRANSACTION ISOLATION LEVEL READ COMMITTED;\n");
  }

  @Test
  void olderLibraryLeavesTheFunctionsOfANewerOneAlone() throws SQLException {
    migrator.migrate();
    setFunctions(
        "{\"\": \"of a newer library\", \"#\": " + (Migrator.FUNCTIONS.number() + 1) + "}");
    execute(
        "CREATE OR REPLACE FUNCTION "
            + schema
            + "._kv_page_bytes() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1::bigint'");
    assertThat(migrator.migrate()).isFalse();
    assertThat(migrator.dryRun()).isEmpty();
    migrator.validate();
    assertThat(query("SELECT " + schema + "._kv_page_bytes()")).containsExactly("1");
  }

  @Tag("full")
  @Test
  void newerLibraryRefusesOlderFunctionsUntilTheyAreMigrated() throws SQLException {
    migrator.migrate();
    for (String older : List.of("{\"\": \"older\", \"#\": 0}", "{\"\": \"from before numbers\"}")) {
      setFunctions(older);
      assertSchemaFault(
          migrator::validate,
          "functions of the schema " + schema + " are those of an older library");
      assertThat(migrator.dryRun()).isNotEmpty();
      assertThat(migrator.migrate()).isTrue();
      migrator.validate();
    }
    assertThat(query("SELECT functions ->> '#' FROM " + schema + ".schema_version"))
        .containsExactly("" + Migrator.FUNCTIONS.number());
  }

  private void setFunctions(String json) throws SQLException {
    execute("UPDATE " + schema + ".schema_version SET functions = '" + json + "'");
  }

  /** Otherwise databases would keep the functions of before. */
  @Test
  void setOfFunctionsIsKnown() {
    assertThat(Migrator.FUNCTIONS.digest())
        .as(
            "a function script has changed: functions.txt has to have the digest below, and a higher number than the last release")
        .isEqualTo(Migrator.functionsDigest());
  }

  @Test
  void databaseInAnotherEncodingIsRefused() throws SQLException {
    String database = schema + "_latin1";
    execute("CREATE DATABASE " + database + " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
    try {
      PGSimpleDataSource latin = new PGSimpleDataSource();
      latin.setUrl(TestPostgres.url().replace("/postgres", "/" + database));
      Migrator there = new Migrator(latin, schema);
      assertSchemaFault(there::migrate, "UTF8");
      assertSchemaFault(there::validate, "UTF8");
    } finally {
      execute("DROP DATABASE " + database);
    }
  }

  @Test
  void interruptedMigrationHasNotHappened() throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      String script = migrator.dryRun();
      statement.execute(script.substring(0, script.lastIndexOf("COMMIT;")));
      // The process dies here.
      connection.rollback();
    }
    assertSchemaFault(migrator::validate, "there is no schema");
    assertThat(migrator.migrate()).isTrue();
  }

  @Test
  void whatCutAMigrationOffIsTold() throws Exception {
    String lock = "hashtextextended('" + schema + ".migrate', 0)";
    String waits =
        "FROM pg_locks l, (SELECT "
            + lock
            + " AS key) k WHERE l.locktype = 'advisory' AND NOT l.granted"
            + " AND (l.classid::bigint << 32 | l.objid::bigint) = k.key";
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Connection holder = TestPostgres.dataSource().getConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT pg_advisory_xact_lock(" + lock + ")");
      Future<Boolean> migrated = executor.submit(migrator::migrate);
      Eventually.holds("it waits for its turn", () -> !query("SELECT 1 " + waits).isEmpty());
      assertThat(query("SELECT pg_terminate_backend(l.pid) " + waits)).containsExactly("t");
      assertThatThrownBy(migrated::get)
          .cause()
          .isInstanceOf(HowdahException.class)
          .hasMessageContaining("terminating connection due to administrator command");
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void dryRunPrintsWhatAnotherToolCanRun() throws SQLException {
    String script = migrator.dryRun();
    assertThat(query("SELECT nspname FROM pg_namespace WHERE nspname = '" + schema + "'"))
        .isEmpty();
    assertThat(script).startsWith("BEGIN;").endsWith("COMMIT;\n").doesNotContain("${");
    execute(script);
    migrator.validate();
    assertThat(migrator.dryRun()).isEmpty();
    assertThat(migrator.migrate()).isFalse();
    try (Howdah howdah =
        Howdah.builder(TestPostgres.url()).schema(schema).schemaMode(SchemaMode.NONE).open()) {
      howdah.kv("a", Integer.class).set("k", 1);
    }
  }

  @Test
  void schemaThatADbaHasMadeIsUsed() throws SQLException {
    execute("CREATE SCHEMA " + schema);
    assertThat(migrator.migrate()).isTrue();
  }

  @Test
  void modesDoWhatTheySay() {
    assertSchemaFault(() -> migrator.apply(SchemaMode.VALIDATE), "./howdah migrate");
    migrator.apply(SchemaMode.NONE);
    assertSchemaFault(() -> migrator.apply(SchemaMode.VALIDATE), "./howdah migrate");
    migrator.apply(SchemaMode.MIGRATE);
    migrator.apply(SchemaMode.VALIDATE);
  }

  @Test
  void nextSchemaVersionIsFineAndAFarNewerOneIsNot() throws SQLException {
    migrator.migrate();
    execute(insertVersion(Migrator.VERSION + 1));
    migrator.validate();
    assertThat(migrator.migrate()).isFalse();
    try (Howdah howdah = Howdah.builder(TestPostgres.url()).schema(schema).open()) {
      howdah.kv("a", Integer.class).set("k", 1);
    }
    execute(insertVersion(Migrator.VERSION + 2));
    assertSchemaFault(migrator::validate, "use a newer version of the library");
    assertSchemaFault(migrator::migrate, "use a newer version of the library");
  }

  private String insertVersion(int version) {
    return "INSERT INTO " + schema + ".schema_version VALUES (" + version + ", '{}', now())";
  }

  @Test
  void olderSchemaIsRefusedUntilItIsMigrated() throws SQLException {
    migrator.migrate();
    execute("UPDATE " + schema + ".schema_version SET version = 0");
    assertSchemaFault(migrator::validate, "has version 0, this library needs");
  }

  @Test
  void twoSchemasDoNotDisturbEachOther() throws SQLException {
    new Migrator(TestPostgres.dataSource(), schema + "_b").migrate();
    try (Howdah a = Howdah.builder(TestPostgres.url()).schema(schema).open();
        Howdah b = Howdah.builder(TestPostgres.url()).schema(schema + "_b").open()) {
      a.kv("n", String.class).set("k", "a");
      b.kv("n", String.class).set("k", "b");
      a.namespaces().create("n", Durability.DURABLE);
      assertThat(a.kv("n", String.class).get("k")).contains("a");
      assertThat(b.kv("n", String.class).get("k")).contains("b");
      assertThat(b.namespaces().list().get(0).isRegistered()).isFalse();
      execute("DROP SCHEMA " + schema + " CASCADE");
      assertThat(b.kv("n", String.class).get("k")).contains("b");
    }
  }

  /** Back to version 4, as far as its tables go. */
  private void takeTheKeysAway() throws SQLException {
    for (String table : List.of("namespace_guard", "wipe_marker", "cache_upkeep")) {
      execute("ALTER TABLE " + schema + "." + table + " DROP COLUMN id");
    }
    execute("ALTER TABLE " + schema + ".function_grant DROP CONSTRAINT function_grant_pkey");
    execute("UPDATE " + schema + ".schema_version SET version = 4");
  }

  /** Whoever reads the table after the migration has asked for it does not wait for the dump. */
  @Test
  void migrationWaitsForADumpAndNobodyForTheMigration() throws Exception {
    migrator.migrate();
    takeTheKeysAway();
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (Connection dump = TestPostgres.dataSource().getConnection();
        Statement statement = dump.createStatement()) {
      dump.setAutoCommit(false);
      statement.execute("LOCK TABLE " + schema + ".wipe_marker IN ACCESS SHARE MODE");
      Future<Boolean> migrated = threads.submit(migrator::migrate);
      for (int i = 0; i < 2; i++) {
        Eventually.holds("the migration waits for the table", this::isMigrationWaiting);
        execute("SET lock_timeout = '10s'; SELECT epoch FROM " + schema + ".wipe_marker");
      }
      assertThat(migrated).isNotDone();
      dump.rollback();
      assertThat(migrated.get(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      threads.shutdownNow();
    }
    assertThat(query("SELECT id FROM " + schema + ".wipe_marker")).containsExactly("1");
  }

  private boolean isMigrationWaiting() {
    return !query(
            "SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock' AND relation = '"
                + schema
                + ".wipe_marker'::regclass")
        .isEmpty();
  }

  /** It does so after 30 seconds, and has changed nothing. */
  @Tag("full")
  @Test
  void migrationGivesUpWhereADumpTakesLong() throws SQLException {
    migrator.migrate();
    takeTheKeysAway();
    try (Connection dump = TestPostgres.dataSource().getConnection();
        Statement statement = dump.createStatement()) {
      dump.setAutoCommit(false);
      statement.execute("LOCK TABLE " + schema + ".wipe_marker IN ACCESS SHARE MODE");
      assertSchemaFault(migrator::migrate, "in use for 30 seconds");
      dump.rollback();
    }
    assertThat(query("SELECT max(version) FROM " + schema + ".schema_version"))
        .containsExactly("4");
  }

  @Test
  void changedSignatureReplacesTheFunctionAndKeepsItsGrants() throws SQLException {
    migrator.migrate();
    execute("CREATE ROLE " + role());
    execute("GRANT EXECUTE ON FUNCTION " + schema + ".kv_count(text, text) TO " + role());
    // As if an older library had made it with other arguments.
    execute("DROP FUNCTION " + schema + ".kv_ttl(text, text)");
    execute(
        "CREATE FUNCTION "
            + schema
            + ".kv_ttl(namespace text) RETURNS int LANGUAGE sql AS 'SELECT 1'");
    execute("GRANT EXECUTE ON FUNCTION " + schema + ".kv_ttl(text) TO " + role());
    execute(
        "UPDATE "
            + schema
            + ".schema_version SET functions = functions || '{\"\": \"old\", \"kv_ttl\": \"old\", \"kv_gone\": \"old\"}'");
    execute("CREATE FUNCTION " + schema + ".kv_gone() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    assertThat(migrator.migrate()).isTrue();
    assertThat(
            query(
                "SELECT pg_get_function_identity_arguments(oid) FROM pg_proc WHERE proname = 'kv_ttl' AND pronamespace = '"
                    + schema
                    + "'::regnamespace"))
        .containsExactly("namespace text, key text");
    assertThat(
            query(
                "SELECT 1 FROM pg_proc WHERE proname = 'kv_gone' AND pronamespace = '"
                    + schema
                    + "'::regnamespace"))
        .isEmpty();
    for (String function : List.of("kv_ttl(text, text)", "kv_count(text, text)")) {
      assertThat(
              query(
                  "SELECT has_function_privilege('"
                      + role()
                      + "', '"
                      + schema
                      + "."
                      + function
                      + "', 'EXECUTE')"))
          .containsExactly("t");
    }
  }

  @Test
  void functionThatAViewNeedsIsNotDroppedWithIt() throws SQLException {
    migrator.migrate();
    execute("CREATE VIEW " + schema + ".mine AS SELECT " + schema + ".kv_ttl('a', 'b')");
    execute(
        "UPDATE "
            + schema
            + ".schema_version SET functions = functions || '{\"\": \"old\", \"kv_ttl\": \"old\"}'");
    assertSchemaFault(migrator::migrate, "depend");
    assertThat(query("SELECT count(*) FROM " + schema + ".mine")).containsExactly("1");
  }

  @Test
  void applicationRoleNeedsNoMoreThanItsGrant() throws SQLException {
    migrator.migrate();
    execute("CREATE ROLE " + role() + " LOGIN PASSWORD 'secret'");
    String url = TestPostgres.url().replaceAll("user=[^&]*", "user=" + role()) + "&password=secret";
    try (Howdah ungranted = Howdah.builder(url).schema(schema).schemaMode(SchemaMode.NONE).open()) {
      KeyValueStore<Integer> store = ungranted.kv("a", Integer.class);
      assertThatThrownBy(() -> store.get("k"))
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
    }
    migrator.grant(role(), "app");
    try (Howdah howdah =
        Howdah.builder(url)
            .schema(schema)
            .schemaMode(SchemaMode.VALIDATE)
            .sweeper(false) // or it may be at work when the test sweeps
            .open()) {
      KeyValueStore<Integer> store = howdah.kv("a", Integer.class);
      store.set("k", 1);
      assertThat(howdah.namespaces().create("a", Durability.DURABLE)).isTrue();
      assertThat(store.increment("k")).isEqualTo(2);
      assertThat(store.scan("")).hasSize(1);
      String session = howdah.sessions().create("ann").token();
      assertThat(howdah.sessions().set(session, "n", 1)).isTrue();
      assertThat(howdah.sessions().touch(session)).isPresent();
      assertThat(
              howdah
                  .sessions()
                  .configure(SessionSettings.defaults().keepingEvents(Duration.ofDays(1))))
          .isTrue();
      assertThat(howdah.sessions().revoke(session)).isTrue();
      String token = howdah.tokens().issue("p", "ann", Duration.ofHours(1)).token();
      assertThat(howdah.tokens().consume("p", token)).isPresent();
      FlagDefinition flag = FlagDefinition.builder().enabled(true).build();
      assertThat(howdah.flags().set("f", flag, "ann", "why")).isPositive();
      assertThat(howdah.flags().isEnabled("f", FlagSubject.user(1))).isTrue();
      assertThat(howdah.flags().delete("f", "ann", null)).isTrue();
      assertThat(howdah.flags().history("f")).hasSize(2);
      assertThat(howdah.sweep().outcome()).isEqualTo(SweepReport.Outcome.SWEPT);
      assertThatThrownBy(() -> new Migrator(roleDataSource(url), schema + "_b").migrate())
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
    }
    assertThatThrownBy(() -> migrator.grant(role(), "root")).isInstanceOf(HowdahException.class);
  }

  private static javax.sql.DataSource roleDataSource(String url) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(url);
    return dataSource;
  }

  @Test
  void monitorSeesNamesAndNoValues() throws SQLException {
    migrator.migrate();
    execute("CREATE ROLE " + role() + " LOGIN PASSWORD 'secret'");
    migrator.grant(role(), "monitor");
    execute("SELECT " + schema + ".kv_set('unregistered', 'k', '1')");
    String url = TestPostgres.url().replaceAll("user=[^&]*", "user=" + role()) + "&password=secret";
    try (Connection connection = roleDataSource(url).getConnection();
        Statement statement = connection.createStatement()) {
      try (ResultSet rows =
          statement.executeQuery("SELECT name FROM " + schema + ".namespace_list()")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("unregistered");
      }
      for (String sql :
          List.of(
              "SELECT value FROM $.kv_ephemeral",
              "SELECT bytes FROM $.kv_ephemeral",
              "SELECT key FROM $.kv_ephemeral",
              "SELECT * FROM $.kv_durable",
              "SELECT * FROM $.kv_document",
              "SELECT * FROM $.kv",
              "SELECT handle FROM $.session_durable",
              "SELECT handle FROM $.session_ephemeral",
              "SELECT * FROM $.session",
              "SELECT * FROM $.session_event",
              "SELECT * FROM $.token",
              "SELECT * FROM $.flag",
              "SELECT * FROM $.flag_change",
              "SELECT $.session_count()",
              "SELECT $.kv_get('unregistered', 'k')",
              "DELETE FROM $.kv_ephemeral")) {
        assertThatThrownBy(() -> statement.execute(sql.replace("$.", schema + ".")))
            .as(sql)
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
      }
    }
  }

  @Test
  void publicHasNoRights() throws SQLException {
    migrator.migrate();
    execute("CREATE ROLE " + role());
    assertThat(query("SELECT has_schema_privilege('" + role() + "', '" + schema + "', 'USAGE')"))
        .containsExactly("f");
    assertThat(
            query(
                "SELECT p.proname FROM pg_proc p WHERE p.pronamespace = '"
                    + schema
                    + "'::regnamespace AND has_function_privilege('"
                    + role()
                    + "', p.oid, 'EXECUTE')"))
        .isEmpty();
  }

  @Test
  void namesThatCouldBeSqlAreRefused() {
    for (String name :
        List.of(
            "",
            "Upper",
            "a-b",
            "a.b",
            "a b",
            "1a",
            "pg_x",
            "a\"; DROP",
            "x".repeat(49),
            "public",
            "information_schema")) {
      assertThatThrownBy(() -> new Migrator(TestPostgres.dataSource(), name))
          .as(name)
          .isInstanceOf(InvalidArgumentException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"user", "table", "order", "left", "values", "default", "all"})
  void wordsOfSqlAreRefusedAsNames(String word) throws SQLException {
    Migrator named = new Migrator(TestPostgres.dataSource(), word);
    for (org.assertj.core.api.ThrowableAssert.ThrowingCallable call :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            named::migrate, named::validate, named::dryRun)) {
      assertThatThrownBy(call)
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessage("schema: a name that is no word of SQL expected, got '" + word + "'");
    }
    assertThat(query("SELECT nspname FROM pg_namespace WHERE nspname = '" + word + "'")).isEmpty();
  }
}
