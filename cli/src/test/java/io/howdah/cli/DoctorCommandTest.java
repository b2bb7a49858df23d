package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.cli.doctor.Ailment;
import io.howdah.schema.Migrator;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the doctor says where nothing, or only Howdah's own part, is wrong. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DoctorCommandTest {
  private final String schema = TestPostgres.freshSchema(DoctorCommandTest.class);
  private final String app = schema + "_app";
  private final String watcher = schema + "_watcher";

  @BeforeAll
  void makeASchemaAndUseIt() throws SQLException {
    sql("CREATE ROLE " + app + " LOGIN", "CREATE ROLE " + watcher + " LOGIN");
    CommandRun migrated =
        CommandRun.of(
            "migrate",
            "--database-url",
            TestPostgres.url(),
            "--schema",
            schema,
            "--app-role",
            app,
            "--monitor-role",
            watcher);
    assertThat(migrated.exitCode()).as(migrated.err()).isZero();
    try (Howdah howdah = Howdah.builder(TestPostgres.url()).schema(schema).open()) {
      howdah.namespaces().create("d", Durability.DURABLE);
      for (String name : List.of("n", "d")) {
        howdah.kv(name, Integer.class).set("k", 1);
      }
    }
  }

  private static void sql(String... statements) throws SQLException {
    try (var connection = TestPostgres.dataSource().getConnection();
        var statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private DoctorReport doctor(String... more) {
    return doctorAs(TestPostgres.url(), more);
  }

  private DoctorReport doctorAs(String url, String... more) {
    String[] args = Arrays.copyOf(new String[] {"--schema", schema}, 2 + more.length);
    System.arraycopy(more, 0, args, 2, more.length);
    return DoctorReport.of(url, args);
  }

  private String urlOf(String role) {
    return TestPostgres.url().replaceFirst("user=[^&]*", "user=" + role);
  }

  @Test
  void aHealthyDatabaseHasNoFindingAboveANotice() {
    DoctorReport report = doctor("--app-role", app, "--pool-size", "10", "--instances", "4");
    assertThat(report.findings())
        .as(report.json().toPrettyString())
        .noneMatch(finding -> !finding.severity().equals("notice"));
    assertThat(report.all("app-rights")).isEmpty();
    assertThat(report.exitCode()).isZero();
    assertThat(report.json().get("skipped")).isEmpty();
  }

  /** bloat has no statistics of tables that the role may not read, and says nothing then. */
  @Test
  void aMonitoringRoleMayLook() throws SQLException {
    DoctorReport report = doctorAs(urlOf(watcher), "--app-role", app);
    assertThat(report.json().get("skipped"))
        .as("what others do needs a right of its own")
        .hasSize(2)
        .allSatisfy(skipped ->
            assertThat(skipped.get("reason").asString())
                .endsWith("GRANT pg_read_all_stats TO " + watcher));
    assertThat(report.exitCode()).isZero();
    assertThat(report.fact("role")).isEqualTo(watcher);
    sql("GRANT pg_read_all_stats TO " + watcher);
    DoctorReport withTheRight = doctorAs(urlOf(watcher), "--app-role", app);
    sql("REVOKE pg_read_all_stats FROM " + watcher);
    assertThat(withTheRight.json().get("skipped")).isEmpty();
  }

  @Test
  @Tag("full")
  void largeSharedBuffersWantHugePages() {
    try (PrivatePostgres large =
        PrivatePostgres.create("shared_buffers = '1GB'", "huge_pages = off")) {
      DoctorReport.Found pages = DoctorReport.of(large.url()).one("huge-pages");
      assertThat(pages.severity()).isEqualTo("notice");
      assertThat(pages.seen()).startsWith("shared_buffers = 1GB, huge_pages");
      assertThat(pages.remedy().get(0)).startsWith("sysctl -w vm.nr_hugepages=564 ");
    }
    assertThat(doctor().all("huge-pages")).isEmpty();
  }

  /** The sessions of others have no type for a role that may not look at them. */
  @Test
  void connectionsOfOthersAreCounted() throws SQLException {
    try (var other = TestPostgres.dataSource().getConnection()) {
      assertThat(other.isValid(10)).isTrue();
      assertThat(Integer.parseInt(doctorAs(urlOf(watcher)).fact("connections"))).isGreaterThan(1);
    }
  }

  @Test
  void whatMayNotBeLookedAtIsSaid() throws SQLException {
    String nobody = schema + "_nobody";
    sql("CREATE ROLE " + nobody + " LOGIN");
    DoctorReport report = doctorAs(urlOf(nobody), "--app-role", app);
    assertThat(report.json().get("skipped"))
        .anySatisfy(skipped -> {
          assertThat(skipped.get("id").asString()).isEqualTo("schema");
          assertThat(skipped.get("reason").asString()).contains("permission denied");
        })
        .anySatisfy(skipped -> assertThat(skipped.get("id").asString()).isEqualTo("not-swept"));
    CommandRun text = CommandRun.of("doctor", "--database-url", urlOf(nobody), "--schema", schema);
    assertThat(text.out()).contains("Not looked at: schema (");
  }

  @Test
  void theJsonIsWhatTheDocsSay() throws Exception {
    DoctorReport report = doctor();
    assertThat(report.json().propertyNames())
        .containsExactly("version", "worst", "facts", "findings", "skipped");
    assertThat(report.json().get("version").asInt()).isEqualTo(1);
    assertThat(report.json().get("worst").asString()).isEqualTo("notice");
    DoctorReport.Found superuser = report.one("app-rights");
    assertThat(superuser.severity()).isEqualTo("notice");
    assertThat(superuser.subject()).isEqualTo("postgres");
    assertThat(superuser.seen()).contains("superuser");
    assertThat(superuser.harm()).isEqualTo(Ailment.APP_RIGHTS.harm());
    assertThat(superuser.remedy()).hasSize(1);
    assertThat(report.json().get("findings").get(0).propertyNames())
        .containsExactly("id", "severity", "subject", "seen", "harm", "remedy");
    String page = Files.readString(Path.of("..", "docs", "doctor.md"));
    for (String name : report.json().get("facts").propertyNames()) {
      assertThat(page).contains("`" + name + "`");
    }
  }

  @Test
  void theDocsHaveEachFindingInItsOrder() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "doctor.md"));
    List<String> told =
        Pattern.compile("^### ([a-z-]+)$", Pattern.MULTILINE)
            .matcher(page)
            .results()
            .map((MatchResult heading) -> heading.group(1))
            .toList();
    assertThat(told)
        .containsExactlyElementsOf(Arrays.stream(Ailment.values()).map(Ailment::id).toList());
  }

  @Test
  void theTextFitsOnAScreenAndTellsWhatToDo() {
    CommandRun run =
        CommandRun.of("doctor", "--database-url", TestPostgres.url(), "--schema", schema);
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines().toList().get(0)).startsWith("Postgres ").contains("a primary");
    assertThat(run.out())
        .contains("NOTICE    app-rights: postgres\n          Seen  ")
        .contains("          Why   ")
        .contains("          Do    CREATE ROLE app LOGIN; SELECT " + schema + ".role_grant(")
        .endsWith(" docs/doctor.md tells more about each.\n");
    assertThat(run.out().lines().filter(line -> !line.contains("--")))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
  }

  @Test
  void aMissingSchemaIsCritical() {
    DoctorReport report = DoctorReport.of(TestPostgres.url(), "--schema", schema + "_none");
    DoctorReport.Found missing = report.findings().get(0);
    assertThat(missing.id()).isEqualTo("schema");
    assertThat(missing.severity()).isEqualTo("critical");
    assertThat(missing.seen()).contains(schema + "_none");
    assertThat(missing.remedy().get(0)).contains("./howdah migrate");
    assertThat(report.exitCode()).isEqualTo(4);
    assertThat(report.json().get("skipped")).isNotEmpty();
  }

  @Test
  void aSchemaOfAnotherVersionIsCritical() throws SQLException {
    sql("UPDATE " + schema + ".schema_version SET version = 3");
    DoctorReport.Found behind = doctor().findings().get(0);
    sql("UPDATE " + schema + ".schema_version SET version = 1000");
    DoctorReport.Found ahead = doctor().findings().get(0);
    sql("UPDATE " + schema + ".schema_version SET version = " + Migrator.VERSION);
    assertThat(behind.id()).isEqualTo("schema");
    assertThat(behind.severity()).isEqualTo("critical");
    assertThat(behind.seen()).contains("has version 3");
    assertThat(behind.remedy().get(0)).contains("./howdah migrate");
    assertThat(ahead.id()).isEqualTo("schema");
    assertThat(ahead.remedy().get(0)).contains("newer version of the library");
  }

  @Test
  void functionsOfAnotherBuildAreANotice() throws SQLException {
    String version = schema + ".schema_version";
    sql(
        "CREATE TABLE " + schema + ".kept AS SELECT functions FROM " + version,
        "UPDATE " + version + " SET functions = functions || '{\"\": \"another\"}'");
    DoctorReport.Found other = doctor("--app-role", app).one("schema");
    sql(
        "UPDATE " + version + " SET functions = k.functions FROM " + schema + ".kept AS k",
        "DROP TABLE " + schema + ".kept");
    assertThat(other.severity()).isEqualTo("notice");
    assertThat(other.remedy().get(0)).contains("migrate").contains(schema);
  }

  @Test
  void aRoleThatLacksRightsIsFound() throws SQLException {
    String bare = schema + "_bare";
    sql("CREATE ROLE " + bare + " LOGIN CREATEDB");
    DoctorReport report = doctor("--app-role", bare);
    assertThat(report.all("app-rights"))
        .extracting(DoctorReport.Found::severity, DoctorReport.Found::seen)
        .containsExactly(
            tuple("critical", "no right to use the schema " + schema), tuple("notice", "CREATEDB"));
    for (DoctorReport.Found finding : report.all("app-rights")) {
      sql(finding.remedy().get(0));
    }
    assertThat(doctor("--app-role", bare).all("app-rights")).isEmpty();
    sql("REVOKE EXECUTE ON FUNCTION " + schema + ".kv_get FROM " + bare);
    assertThat(doctor("--app-role", bare).one("app-rights").seen())
        .isEqualTo("no right to call " + schema + ".kv_get");
    sql(
        "SELECT " + schema + ".role_grant('" + bare + "', 'app')",
        "REVOKE DELETE ON " + schema + ".token FROM " + bare);
    assertThat(doctor("--app-role", bare).one("app-rights").seen())
        .isEqualTo("no right to read and write " + schema + ".token");
    assertThat(doctor("--app-role", "postgres").one("app-rights").severity()).isEqualTo("warning");
  }

  @Test
  void mistakesAreALine() {
    CommandRun role =
        CommandRun.of(
            "doctor", "--database-url", TestPostgres.url(), "--schema", schema, "--app-role", "x");
    assertThat(role.exitCode()).isEqualTo(2);
    assertThat(role.err()).startsWith("howdah: --app-role: there is no role x");
    CommandRun via =
        CommandRun.of("doctor", "--database-url", TestPostgres.url(), "--via", "pooler:6432");
    assertThat(via.exitCode()).isEqualTo(2);
    assertThat(via.err()).startsWith("howdah: --via: ");
    CommandRun away =
        CommandRun.of(
            "doctor", "--database-url", "jdbc:postgresql://127.0.0.1:1/d?user=u&password=seekrit");
    assertThat(away.exitCode()).isEqualTo(1);
    assertThat(away.out()).isEmpty();
    assertThat(away.err()).startsWith("howdah: ").contains("refused").doesNotContain("seekrit");
  }
}
