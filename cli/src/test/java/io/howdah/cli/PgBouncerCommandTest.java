package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.ratelimit.RateLimit;
import io.howdah.schema.SchemaMode;
import io.howdah.testing.Eventually;
import io.howdah.testing.PgBouncerProcess;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.Programs;
import io.howdah.testing.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code howdah pgbouncer} writes, given to the real PgBouncer before a real Postgres. */
@Timeout(300)
final class PgBouncerCommandTest {
  private static final String APP_PASSWORD = "app's pass\"word";
  private static final String OWNER_PASSWORD = "owners-pass";
  private static PrivatePostgres postgres;

  /** A PgBouncer to be had here. */
  enum Pooler {
    /** What the distribution has. */
    INSTALLED,
    /** One that knows prepared statements. */
    PREPARES;

    Path program() {
      return this == INSTALLED
          ? Programs.require("pgbouncer")
          : Programs.requireNamed("HOWDAH_TEST_PGBOUNCER");
    }

    String version() {
      return this == INSTALLED ? "1.18" : "1.24";
    }
  }

  @TempDir private Path folder;

  /** Everybody but the superuser needs the password, so that PgBouncer must log in, too. */
  @BeforeAll
  static void start() throws IOException {
    Path rules = Files.createTempFile("howdah-hba", ".conf");
    Files.writeString(
        rules,
        """
        host all postgres 127.0.0.1/32 trust
        host all all 127.0.0.1/32 scram-sha-256
        """);
    Files.setPosixFilePermissions(rules, PosixFilePermissions.fromString("rw-r--r--"));
    rules.toFile().deleteOnExit();
    postgres =
        PrivatePostgres.create(
            "hba_file = '" + rules + "'",
            "max_connections = 40",
            "superuser_reserved_connections = 3",
            "password_encryption = 'scram-sha-256'");
    run(
        "CREATE ROLE app LOGIN PASSWORD '" + APP_PASSWORD.replace("'", "''") + "'",
        "CREATE ROLE owner LOGIN PASSWORD '" + OWNER_PASSWORD + "'",
        "CREATE ROLE nobody_knows LOGIN",
        "CREATE ROLE no_login PASSWORD 'x'",
        "CREATE ROLE was LOGIN PASSWORD 'x' VALID UNTIL '2020-01-01'",
        "CREATE ROLE few LOGIN PASSWORD 'x' CONNECTION LIMIT 2",
        "GRANT CREATE ON DATABASE postgres TO owner");
    assertThat(
            CommandRun.of("migrate", "--database-url", postgres.url(), "--app-role", "app").err())
        .isEmpty();
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  private static void run(String... statements) {
    for (String statement : statements) {
      var unused = postgres.sql(statement);
    }
  }

  private static CommandRun pgbouncer(String... more) {
    return at(postgres.url(), more);
  }

  private static CommandRun asOwner(String... more) {
    return at(
        postgres.url().replace("user=postgres", "user=owner&password=" + OWNER_PASSWORD), more);
  }

  private static CommandRun at(String url, String... more) {
    List<String> args = new ArrayList<>(List.of("pgbouncer", "--database-url", url));
    args.addAll(List.of(more));
    if (!args.contains("--connections")) {
      args.addAll(List.of("--connections", "100"));
    }
    return CommandRun.of(args.toArray(String[]::new));
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  private static String set(String ini, String name) {
    Matcher line = Pattern.compile("(?m)^" + name + " = ?(.*)$").matcher(ini);
    assertThat(line.find()).as(name + " in\n" + ini).isTrue();
    return line.group(1);
  }

  // ---------------------------------------------------------------- with the real programs

  @ParameterizedTest
  @EnumSource(Pooler.class)
  void whatASuperuserGetsServesHowdah(Pooler pooler) throws Exception {
    Path program = pooler.program();
    int port = PgBouncerProcess.freePort();
    CommandRun run =
        pgbouncer(
            "--role",
            "app",
            "--pgbouncer-version",
            pooler.version(),
            "--listen-port",
            "" + port,
            "--directory",
            folder.toString());
    assertThat(run.exitCode()).as(run.all()).isZero();
    try (PgBouncerProcess running =
        PgBouncerProcess.start(program, file("pgbouncer.ini"), file("userlist.txt"))) {
      assertThat(running.log()).doesNotContain("WARNING").doesNotContain("ERROR");
      filesAreEnough(running.log());
      howdahWorks(run.out());
    }
  }

  @ParameterizedTest
  @EnumSource(Pooler.class)
  void whatOthersGetServesHowdahOnceASuperuserHasRunTheSql(Pooler pooler) throws Exception {
    Path program = pooler.program();
    int port = PgBouncerProcess.freePort();
    CommandRun run =
        asOwner(
            "--role",
            "app",
            "--pgbouncer-version",
            pooler.version(),
            "--listen-port",
            "" + port,
            "--directory",
            folder.toString());
    assertThat(run.exitCode()).as(run.all()).isZero();
    assertThat(run.out()).contains("Run lookup.sql in the database as a superuser");
    run(Files.readString(file("lookup.sql")));
    try (PgBouncerProcess running =
        PgBouncerProcess.start(program, file("pgbouncer.ini"), file("userlist.txt"))) {
      assertThat(running.log()).doesNotContain("WARNING").doesNotContain("ERROR");
      filesAreEnough(running.log());
      howdahWorks(run.out());
      // Only the roles that were named: the lookup tells of no other.
      assertThatThrownBy(() -> connect(port, "owner", OWNER_PASSWORD))
          .isInstanceOf(SQLException.class);
    }
    assertThat(run.all()).doesNotContain(OWNER_PASSWORD);
    assertThat(postgres.sql("SELECT count(*) FROM pgbouncer_postgres.user_lookup('owner')"))
        .containsExactly("0");
  }

  @Test
  void aDatabaseWithAnyNameIsServed() throws Exception {
    Path program = Programs.require("pgbouncer");
    int port = PgBouncerProcess.freePort();
    run("CREATE DATABASE \"Bob's shop-1\"");
    String url = postgres.url().replace("/postgres?", "/Bob%27s+shop-1?");
    CommandRun run =
        at(url, "--role", "app", "--listen-port", "" + port, "--directory", folder.toString());
    assertThat(run.exitCode()).as(run.all()).isZero();
    assertThat(run.out()).contains(port + "/Bob_s_shop_1?user=app");
    try (PgBouncerProcess running =
            PgBouncerProcess.start(program, file("pgbouncer.ini"), file("userlist.txt"));
        Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/Bob_s_shop_1", "app", APP_PASSWORD)) {
      assertThat(PrivatePostgres.sql(connection, "SELECT current_database()"))
          .as(running.log())
          .containsExactly("Bob's shop-1");
    }
  }

  private static Connection connect(int port, String user, String password) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", user, password);
  }

  /** PgBouncer says at its start how many files it may come to. */
  private void filesAreEnough(String log) throws IOException {
    Matcher said = Pattern.compile("max expected fd use: (\\d+)").matcher(log);
    assertThat(said.find()).as(log).isTrue();
    Matcher advised =
        Pattern.compile("LimitNOFILE=(\\d+)").matcher(Files.readString(file("pgbouncer.ini")));
    assertThat(advised.find()).isTrue();
    assertThat(Integer.parseInt(said.group(1)))
        .isLessThanOrEqualTo(Integer.parseInt(advised.group(1)));
  }

  /** Over the URLs that the command has told, with the password that only the application has. */
  private static void howdahWorks(String told) throws SQLException {
    Matcher urls = Pattern.compile("  URL +(\\S+)\n  listenUrl +(\\S+)\n").matcher(told);
    assertThat(urls.find()).as(told).isTrue();
    String password =
        "&password=" + APP_PASSWORD.replace("'", "%27").replace("\"", "%22").replace(" ", "%20");
    String wrong = urls.group(1) + "&password=wrong";
    assertThatThrownBy(() -> DriverManager.getConnection(wrong))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("authentication failed");
    try (Howdah howdah =
        Howdah.builder(urls.group(1) + password)
            .listenUrl(urls.group(2) + password)
            .schemaMode(SchemaMode.VALIDATE)
            .callTimeout(Duration.ofSeconds(30))
            .open()) {
      for (Durability durability : Durability.values()) {
        String name = "n-" + durability;
        howdah.namespaces().create(name, durability);
        KeyValueStore<Integer> store = howdah.kv(name, Integer.class);
        var unused = store.delete("sum");
        List<Boolean> done =
            Threads.run(
                24,
                thread -> {
                  for (int i = 0; i < 10; i++) {
                    store.set("k" + thread, i, Duration.ofMinutes(1));
                    assertThat(store.get("k" + thread)).contains(i);
                    store.increment("sum");
                  }
                  return store.delete("k" + thread);
                });
        assertThat(done).containsOnly(true);
        assertThat(store.get("sum")).contains(240);
        howdah.transaction(tx -> tx.kv(name, Integer.class).set("sum", 3));
        assertThat(store.get("sum")).contains(3);
      }
      assertThat(howdah.rateLimiter("logins", RateLimit.perMinute(10)).acquire("ann").allowed())
          .isTrue();
      assertThat(howdah.sessions().get(howdah.sessions().create("ann").token())).isPresent();
    }
  }

  // ---------------------------------------------------------------- the files

  @Test
  void secretsArePrintedOnRequestOnly() {
    CommandRun run = pgbouncer("--role", "app");
    assertThat(run.exitCode()).isZero();
    assertThat(run.all()).doesNotContain("SCRAM-SHA-256$");
    assertThat(run.out())
        .contains("=== pgbouncer.ini\n", "=== userlist.txt\n\"app\" \"(hidden)\"\n");
    assertThat(run.err()).contains("--directory").contains("--show-secrets");
    CommandRun open = pgbouncer("--role", "app", "--show-secrets");
    assertThat(open.out()).contains("\"app\" \"SCRAM-SHA-256$");
    assertThat(open.err()).isEmpty();
    CommandRun asks = asOwner("--role", "app");
    assertThat(asks.out())
        .contains("\"pgbouncer_postgres\" \"(hidden)\"")
        .contains("PASSWORD '(hidden)'");
  }

  @Test
  void filesAreForTheirOwnerAndNotReplacedUnasked() throws IOException {
    Path fresh = folder.resolve("a/b");
    CommandRun run = asOwner("--role", "app", "--directory", fresh.toString());
    assertThat(run.exitCode()).as(run.all()).isZero();
    assertThat(mode(fresh.resolve("pgbouncer.ini"))).isEqualTo("rw-r--r--");
    assertThat(mode(fresh.resolve("userlist.txt"))).isEqualTo("rw-------");
    assertThat(mode(fresh.resolve("lookup.sql"))).isEqualTo("rw-------");
    try (var files = Files.list(fresh)) {
      assertThat(files).hasSize(3);
    }
    String users = Files.readString(fresh.resolve("userlist.txt"));
    assertThat(run.all()).doesNotContain(users.split("\"", -1)[3]);
    Files.delete(fresh.resolve("pgbouncer.ini"));
    CommandRun again = asOwner("--role", "app", "--directory", fresh.toString());
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err()).contains("userlist.txt is there already").contains("--force");
    assertThat(fresh.resolve("pgbouncer.ini")).doesNotExist();
    CommandRun forced = asOwner("--role", "app", "--directory", fresh.toString(), "--force");
    assertThat(forced.exitCode()).isZero();
    assertThat(Files.readString(fresh.resolve("userlist.txt"))).isNotEqualTo(users);
    assertThat(mode(fresh.resolve("userlist.txt"))).isEqualTo("rw-------");
  }

  /** Else PgBouncer could not read it any more, and nobody would log in. */
  @Test
  @EnabledIfSystemProperty(named = "user.name", matches = "root")
  void aReplacedFileKeepsItsOwner() throws IOException {
    var first = pgbouncer("--role", "app", "--directory", folder.toString());
    assertThat(first.exitCode()).isZero();
    UserPrincipal owner =
        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    var unused = Files.setOwner(file("userlist.txt"), owner);
    CommandRun again = pgbouncer("--role", "app", "--directory", folder.toString(), "--force");
    assertThat(again.exitCode()).as(again.all()).isZero();
    assertThat(Files.getOwner(file("userlist.txt"))).isEqualTo(owner);
    assertThat(mode(file("userlist.txt"))).isEqualTo("rw-------");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void everySettingIsExplainedAboveItAndNothingStandsBehindAValue() {
    String ini = pgbouncer("--role", "app", "--pgbouncer-version", "1.21").out();
    ini = ini.substring(0, ini.indexOf("=== userlist.txt"));
    List<String> lines = ini.lines().skip(1).toList();
    boolean explained = false;
    for (String line : lines) {
      if (line.startsWith("; ")) {
        explained = true;
      } else if (line.isEmpty() || line.startsWith("[")) {
        explained = false;
      } else {
        assertThat(explained).as(line).isTrue();
        assertThat(line.substring(1)).doesNotContain(";").doesNotContain("#");
      }
    }
    assertThat(set(ini, "pool_mode")).isEqualTo("transaction");
    assertThat(set(ini, "ignore_startup_parameters")).isEqualTo("extra_float_digits");
    assertThat(set(ini, "auth_type")).isEqualTo("scram-sha-256");
    assertThat(set(ini, "auth_file")).isEqualTo("/etc/pgbouncer/userlist.txt");
    assertThat(set(ini, "server_tls_sslmode")).isEqualTo("prefer");
  }

  @ParameterizedTest
  @CsvSource({"1.18, false", "1.20.1, false", "1.21, true", "1.24.1, true", "2.0, true"})
  void preparedStatementsAreFromThatVersionOn(String version, boolean prepares) {
    String out = pgbouncer("--role", "app", "--pgbouncer-version", version).out();
    assertThat(Pattern.compile("(?m)^max_prepared_statements = 200$").matcher(out).find())
        .isEqualTo(prepares);
    assertThat(out)
        .contains(
            "/postgres?user=app&prepareThreshold=" + (prepares ? "1" : "0") + "\n  listenUrl");
  }

  @Test
  void tlsToTheServerIsThatOfTheUrl() {
    CommandRun run = at(postgres.url() + "&sslmode=disable", "--role", "app");
    assertThat(set(run.out(), "server_tls_sslmode")).isEqualTo("disable");
  }

  @Test
  void anAddressThatOthersReachIsWarnedAbout() {
    CommandRun run = pgbouncer("--role", "app", "--listen-address", "*", "--show-secrets");
    assertThat(set(run.out(), "listen_addr")).isEqualTo("*");
    assertThat(run.err()).contains("client_tls_sslmode");
    assertThat(run.out()).contains("jdbc:postgresql://HOST-OF-PGBOUNCER:6432/postgres");
    assertThat(pgbouncer("--role", "app", "--show-secrets").err()).isEmpty();
  }

  @Test
  void whatPgBouncerDoesNotPassOnIsWarnedAbout() {
    assertThat(at(postgres.url() + "&currentSchema=x", "--role", "app").err())
        .contains("currentSchema");
  }

  @Test
  void md5SecretsAreServed() throws Exception {
    Path program = Programs.require("pgbouncer");
    int port = PgBouncerProcess.freePort();
    run("SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 'old-pass'");
    CommandRun run =
        pgbouncer(
            "--role",
            "old",
            "--role",
            "app",
            "--listen-port",
            "" + port,
            "--directory",
            folder.toString());
    assertThat(run.exitCode()).as(run.all()).isZero();
    assertThat(set(Files.readString(file("pgbouncer.ini")), "auth_type")).isEqualTo("md5");
    try (PgBouncerProcess running =
            PgBouncerProcess.start(program, file("pgbouncer.ini"), file("userlist.txt"));
        Connection app = connect(port, "app", APP_PASSWORD)) {
      assertThat(PrivatePostgres.sql(app, "SELECT session_user"))
          .as(running.log())
          .containsExactly("app");
    }
  }

  // ---------------------------------------------------------------- the arithmetic

  /** 40 less 3 reserved are 37, of which a quarter stays free. */
  @Test
  void serverConnectionsFitTheDatabase() {
    CommandRun run = pgbouncer("--role", "app", "--role", "owner");
    assertThat(run.exitCode()).as(run.all()).isZero();
    String ini = run.out();
    int all = Integer.parseInt(set(ini, "max_db_connections"));
    assertThat(all).isBetween(20, 28);
    int pool = Integer.parseInt(set(ini, "default_pool_size"));
    int reserve = Integer.parseInt(set(ini, "reserve_pool_size"));
    assertThat(2 * (pool + reserve)).isBetween(all - 1, all);
    assertThat(set(ini, "max_client_conn")).isEqualTo("125");
    assertThat(run.out()).contains("40 connections (max_connections), keeps 3 of them");
  }

  @Test
  void connectionsOfOthersCountAndThoseOfTheRolesDoNot() throws SQLException {
    awaitClients(0);
    int before = room();
    awaitClients(0);
    try (Connection app =
            DriverManager.getConnection(
                postgres.url().replace("user=postgres", "user=app"), "app", APP_PASSWORD);
        Connection other = postgres.connect()) {
      assertThat(app).isNotSameAs(other);
      awaitClients(2);
      assertThat(room()).isEqualTo(before - 1);
    }
  }

  /** One that has gone is counted until its process has ended. */
  private static void awaitClients(int clients) {
    Eventually.holds(
        clients + " others are there",
        () ->
            postgres
                .sql(
                    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
                .equals(List.of("" + clients)));
  }

  private static int room() {
    String out = pgbouncer("--role", "app").out().replace("\n; ", " ");
    Matcher room = Pattern.compile("there is room for (\\d+)\\.").matcher(out);
    assertThat(room.find()).as(out).isTrue();
    return Integer.parseInt(room.group(1));
  }

  @Test
  void moreThanTheDatabaseHasRoomForIsWarnedAbout() {
    CommandRun run = pgbouncer("--role", "app", "--server-connections", "60");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("warning: ").contains("up to 60 connections");
    assertThat(run.out().replace("\n; ", " ")).contains("WARNING: the pool makes up to 60");
    assertThat(set(run.out(), "max_db_connections")).isEqualTo("60");
    CommandRun small = pgbouncer("--role", "app", "--server-connections", "5");
    assertThat(small.exitCode()).isZero();
    assertThat(set(small.out(), "default_pool_size")).isEqualTo("4");
    assertThat(set(small.out(), "reserve_pool_size")).isEqualTo("1");
  }

  @Test
  void limitsOfRolesAndDatabasesAreSeen() {
    CommandRun role = pgbouncer("--role", "few");
    assertThat(role.exitCode()).isEqualTo(3);
    assertThat(role.err()).contains("the role few may have 2 connections");
    run("CREATE DATABASE narrow CONNECTION LIMIT 4");
    CommandRun database = at(postgres.url().replace("/postgres?", "/narrow?"), "--role", "app");
    assertThat(database.out().replace("\n; ", " ")).contains("takes 4 (CONNECTION LIMIT)");
    assertThat(set(database.out(), "max_db_connections")).isEqualTo("3");
  }

  @Test
  void aPoolerThatIsNotNeededIsSaid() {
    assertThat(pgbouncer("--role", "app", "--connections", "10").out())
        .contains("would fit without a pooler");
    assertThat(pgbouncer("--role", "app", "--connections", "100").out())
        .doesNotContain("would fit without a pooler");
  }

  // ---------------------------------------------------------------- mistakes

  @ParameterizedTest
  @CsvSource({
    "nobody_knows, has no password",
    "no_login, may not log in",
    "was, is over",
    "never_heard_of, there is no role"
  })
  void rolesThatCannotLogInAreRefused(String role, String why) {
    CommandRun run = pgbouncer("--role", role);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(role).contains(why);
  }

  @Test
  void aUrlOfSeveralServersIsRefused() {
    CommandRun run = at("jdbc:postgresql://a,b/d?user=u");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("several servers");
  }

  @Test
  void aUrlThroughAPoolerIsRefused() throws Exception {
    Path program = Programs.require("pgbouncer");
    int port = PgBouncerProcess.freePort();
    var unused =
        pgbouncer("--role", "app", "--listen-port", "" + port, "--directory", folder.toString());
    try (PgBouncerProcess running =
        PgBouncerProcess.start(program, file("pgbouncer.ini"), file("userlist.txt"))) {
      CommandRun run =
          at(
              "jdbc:postgresql://127.0.0.1:"
                  + port
                  + "/postgres?user=app&prepareThreshold=0&password="
                  + APP_PASSWORD.replace("\"", "%22").replace(" ", "%20"));
      assertThat(run.exitCode()).as(running.log()).isEqualTo(1);
      assertThat(run.err()).contains("leads through a pooler").doesNotContain(APP_PASSWORD);
    }
  }
}
