package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.schema.Migrator;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One server with everything wrong that can be wrong with a server; then its remedies are run. The
 * findings on the schema, on roles and on poolers have tests of their own.
 */
@Tag("full")
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class SickDatabaseTest {
  private PrivatePostgres postgres;
  private Connection openForLong;
  private Connection listener;
  private boolean hasSmallQueue;
  private DoctorReport report;

  @BeforeAll
  void makeItSick() throws Exception {
    postgres =
        PrivatePostgres.create(
            "autovacuum = off",
            "autovacuum_freeze_max_age = 100000",
            "autovacuum_naptime = '1s'",
            "max_connections = 24",
            "shared_buffers = '1MB'",
            "max_prepared_transactions = 5",
            "synchronous_commit = off");
    hasSmallQueue = Integer.parseInt(postgres.sql("SHOW server_version_num").get(0)) >= 170_000;
    if (hasSmallQueue) {
      postgres.configure("max_notify_queue_pages = 64");
      postgres.restart();
    }
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(postgres.url());
    assertThat(new Migrator(dataSource, "howdah").migrate()).isTrue();
    // First, so that no vacuum that comes by itself mends anything.
    openForLong = postgres.connect();
    openForLong.setAutoCommit(false);
    assertThat(PrivatePostgres.sql(openForLong, "SELECT pg_current_xact_id()")).hasSize(1);
    spoilTheSchema();
    spoilTheServer();
    report = look();
  }

  private void spoilTheSchema() {
    sql(
        "ALTER TABLE howdah.kv_document SET (autovacuum_enabled = false)",
        "SELECT howdah.namespace_create('full', 'durable', max_entries => 3, on_full => 'refuse')",
        "SELECT howdah.namespace_create('nearly', 'durable', max_entries => 10, on_full => 'refuse')",
        "SELECT howdah.namespace_create('evicting', 'durable', max_entries => 10)",
        "SELECT howdah.kv_set('full', 'k' || i, '1') FROM generate_series(1, 3) AS i",
        "SELECT howdah.kv_set('nearly', 'k' || i, '1') FROM generate_series(1, 9) AS i",
        "SELECT howdah.kv_set('evicting', 'k' || i, '1') FROM generate_series(1, 10) AS i",
        "SELECT howdah.kv_set(n, 'k', to_jsonb(repeat('x', 1000))) FROM unnest('{one,other}'::text[]) AS n",
        "ALTER DATABASE postgres SET howdah.unregistered_max_bytes = 2600",
        "CALL howdah.sweep_all('20 seconds')",
        // Large, written twice, indexed where it should not be, and emptied.
        "INSERT INTO howdah.kv_durable (namespace, key, bytes, version, created_at, updated_at)"
            + " SELECT 'big', i::text, decode(repeat(md5(i::text), 60), 'hex'), i, now(), now() FROM generate_series(1, 20000) AS i",
        "CREATE INDEX of_somebody ON howdah.kv_durable (version)",
        "UPDATE howdah.kv_durable SET version = version + 1 WHERE namespace = 'big'",
        "DELETE FROM howdah.kv_durable WHERE namespace = 'big' AND length(key) > 3",
        "DO $$ BEGIN FOR i IN 1..12 LOOP PERFORM count(length(t.bytes)) FROM howdah.kv_durable AS t; END LOOP; END $$",
        "ANALYZE howdah.kv_durable",
        "UPDATE howdah.sweep_hand SET swept_at = now() - interval '3 hours'",
        "UPDATE howdah.schema_version SET applied_at = now() - interval '3 hours'",
        "UPDATE howdah.wipe_marker SET wipes = 1, began_at = now()",
        "GRANT USAGE ON SCHEMA howdah TO PUBLIC",
        "GRANT SELECT ON howdah.kv_durable TO PUBLIC",
        "GRANT EXECUTE ON FUNCTION howdah.kv_get TO PUBLIC",
        "ALTER TABLE howdah.namespace_guard DROP CONSTRAINT namespace_guard_pkey",
        "ALTER TABLE howdah.flag REPLICA IDENTITY NOTHING",
        "CREATE PUBLICATION everything FOR ALL TABLES");
  }

  private void spoilTheServer() throws SQLException {
    sql(
        "CREATE ROLE hasty LOGIN",
        "ALTER ROLE hasty SET synchronous_commit = off",
        "SELECT pg_create_physical_replication_slot('left_behind', true)");
    try (Connection connection = postgres.connect()) {
      connection.setAutoCommit(false);
      assertThat(PrivatePostgres.sql(connection, "SELECT pg_current_xact_id()")).hasSize(1);
      assertThat(PrivatePostgres.sql(connection, "PREPARE TRANSACTION 'forgotten'")).isEmpty();
    }
    sql(
        "DO $$ BEGIN FOR i IN 1..205000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$");
    listener = postgres.connect();
    assertThat(PrivatePostgres.sql(listener, "LISTEN somebody")).isEmpty();
    listener.setAutoCommit(false);
    assertThat(PrivatePostgres.sql(listener, "SELECT 1")).hasSize(1);
    if (hasSmallQueue) {
      sql("SELECT pg_notify('somebody', i || repeat('x', 7000)) FROM generate_series(1, 40) AS i");
    }
  }

  private void sql(String... statements) {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private DoctorReport look() {
    return DoctorReport.of(
        postgres.url(), "--pool-size", "10", "--instances", "2", "--long-transaction", "0s");
  }

  @AfterAll
  void close() throws SQLException {
    openForLong.close();
    listener.close();
    postgres.close();
  }

  private DoctorReport.Found on(String id, String subject) {
    return report.all(id).stream()
        .filter(finding -> subject.equals(finding.subject()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(report.json().toPrettyString()));
  }

  @Test
  @Order(1)
  void theMostHarmfulComesFirst() {
    List<String> severities = report.findings().stream().map(DoctorReport.Found::severity).toList();
    assertThat(severities)
        .isSortedAccordingTo(
            Comparator.comparingInt(List.of("critical", "warning", "notice")::indexOf));
    assertThat(report.json().get("worst").asString()).isEqualTo("critical");
    assertThat(report.exitCode()).isEqualTo(4);
    assertThat(report.json().get("skipped")).isEmpty();
  }

  @Test
  @Order(1)
  void crashUnsafeSettings() {
    assertThat(on("crash-unsafe", "fsync").severity()).isEqualTo("critical");
    assertThat(on("crash-unsafe", "fsync").remedy())
        .containsExactly("ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();");
  }

  @Test
  @Order(1)
  void autovacuumOffForAllAndForATable() {
    assertThat(on("autovacuum-off", "autovacuum").seen()).isEqualTo("autovacuum = off");
    assertThat(on("autovacuum-off", "kv_document").seen()).isEqualTo("autovacuum_enabled = false");
    assertThat(report.all("autovacuum-off")).hasSize(2);
  }

  @Test
  @Order(1)
  void publishedTablesWithoutAKey() {
    DoctorReport.Found guard = on("replica-identity", "namespace_guard");
    assertThat(guard.severity()).isEqualTo("critical");
    assertThat(guard.seen()).startsWith("published by everything");
    assertThat(guard.remedy())
        .containsExactly("ALTER TABLE howdah.namespace_guard REPLICA IDENTITY FULL;");
    assertThat(on("replica-identity", "flag").remedy())
        .containsExactly("ALTER TABLE howdah.flag REPLICA IDENTITY DEFAULT;");
    assertThat(report.all("replica-identity")).hasSize(2);
  }

  @Test
  @Order(1)
  void moreConnectionsNeededThanThereAre() {
    DoctorReport.Found needed = on("max-connections", "needed");
    assertThat(needed.severity()).isEqualTo("critical");
    assertThat(needed.seen())
        .startsWith("2 processes x (10 of the pool + 8 lanes + 1 that listens) = 38, of 2");
    assertThat(needed.remedy().get(0)).contains("max_connections = 50");
  }

  @Test
  @Order(1)
  void oldRowsNearTheEndOfTheNumbers() {
    DoctorReport.Found age = report.one("freeze-age");
    assertThat(age.severity()).isEqualTo("warning");
    assertThat(age.remedy().get(0)).startsWith("in the database postgres: VACUUM (FREEZE);");
    assertThat(age.seen()).matches("transactions 2\\d{5} old, autovacuum begins at 100000");
  }

  @Test
  @Order(1)
  void namespacesAtTheirBounds() {
    assertThat(on("namespace-full", "full").severity()).isEqualTo("critical");
    assertThat(on("namespace-full", "full").remedy())
        .containsExactly(
            "SELECT howdah.namespace_create('full', 'durable', false, NULL, 6, NULL, 'refuse');");
    assertThat(on("namespace-full", "full").seen())
        .isEqualTo("3 of 3 entries, new keys are refused");
    assertThat(on("namespace-full", "nearly").severity()).isEqualTo("warning");
    assertThat(on("namespace-full", "nearly").seen()).startsWith("9 of 10 entries");
    assertThat(on("namespace-full", "evicting").severity()).isEqualTo("notice");
    assertThat(report.all("namespace-full"))
        .anySatisfy(finding -> {
          assertThat(finding.subject()).isNull();
          assertThat(finding.severity()).isEqualTo("notice");
          assertThat(finding.seen()).contains("unregistered").endsWith("of 2600 bytes");
          assertThat(finding.remedy())
              .contains("ALTER DATABASE postgres SET howdah.unregistered_max_bytes = 5200;");
        });
  }

  @Test
  @Order(1)
  void aQueueOfNotificationsThatNobodyEmpties() {
    assumeTrue(hasSmallQueue, "before 17 it has 8 GB");
    DoctorReport.Found queue = report.one("notification-queue");
    assertThat(queue.severity()).isEqualTo("critical");
    assertThat(queue.seen()).endsWith("% full");
    assertThat(queue.remedy().get(0))
        .startsWith("SELECT pid, usename, application_name, xact_start");
    assertThat(queue.remedy().get(1)).startsWith("SELECT pg_terminate_backend(PID);");
  }

  @Test
  @Order(1)
  void whoHoldsVacuumBack() {
    DoctorReport.Found transaction = report.all("long-transaction").get(0);
    assertThat(transaction.severity()).isEqualTo("warning");
    assertThat(transaction.seen())
        .startsWith("idle in transaction, open for ")
        .contains(" transactions since; user postgres");
    assertThat(transaction.remedy().get(0)).startsWith("SELECT pg_terminate_backend(");
    assertThat(transaction.remedy().get(1)).contains("idle_in_transaction_session_timeout");
    assertThat(on("prepared-transaction", "forgotten").remedy().get(0))
        .startsWith("ROLLBACK PREPARED 'forgotten';");
    DoctorReport.Found slot = on("replication-slot", "left_behind");
    assertThat(slot.seen()).startsWith("physical, not active, keeps ");
    assertThat(slot.remedy().get(0)).contains("pg_drop_replication_slot('left_behind')");
    assertThat(DoctorReport.of(postgres.url(), "--long-transaction", "1h").findings())
        .as("neither is old yet, as these things go")
        .noneMatch(
            finding -> Set.of("long-transaction", "prepared-transaction").contains(finding.id()));
  }

  @Test
  @Order(1)
  void commitsThatDoNotWait() {
    assertThat(report.all("synchronous-commit"))
        .extracting(DoctorReport.Found::subject)
        .containsExactly(null, "hasty");
  }

  @Test
  @Order(1)
  void deadRowsThatNobodyRemoves() {
    assertThat(report.one("not-swept").seen()).startsWith("the last sweep was 03:");
    DoctorReport.Found behind = on("autovacuum-behind", "kv_durable");
    assertThat(behind.seen()).matches("\\d{5} dead rows, autovacuum is due at \\d+; .*");
    assertThat(behind.remedy().get(0)).isEqualTo("VACUUM (ANALYZE) howdah.kv_durable;");
  }

  @Test
  @Order(1)
  void tablesThatHaveNotTheirShape() {
    assertThat(on("extra-index", "kv_durable").severity()).isEqualTo("warning");
    assertThat(on("extra-index", "kv_durable").seen()).startsWith("of_somebody, ");
    assertThat(on("hot-share", "kv_durable").seen()).startsWith("0 % of ");
    assertThat(on("hot-share", "kv_durable").severity()).isEqualTo("warning");
    assertThat(on("bloat", "kv_durable").severity()).isEqualTo("notice");
    assertThat(on("bloat", "kv_durable").seen()).contains(" MB on disk, of which ");
  }

  @Test
  @Order(1)
  void memoryThatIsTooSmall() {
    DoctorReport.Found memory = report.one("shared-buffers");
    assertThat(memory.seen()).contains("shared_buffers = 1MB");
    assertThat(memory.remedy().get(0)).startsWith("ALTER SYSTEM SET shared_buffers = '");
  }

  @Test
  @Order(1)
  void rightsOfEverybody() {
    assertThat(report.all("public-rights"))
        .extracting(DoctorReport.Found::subject)
        .containsExactly(
            "ROUTINE howdah.kv_get(namespace text, key text)",
            "SCHEMA howdah",
            "TABLE howdah.kv_durable");
  }

  @Test
  @Order(1)
  void aWipeNotLongAgo() {
    assertThat(report.one("wiped").seen()).contains("1 since the schema was made");
  }

  @Test
  @Order(2)
  void connectionsThatAreOpen() throws SQLException {
    List<Connection> many = new ArrayList<>();
    try {
      for (int i = 0; i < 17; i++) {
        many.add(postgres.connect());
      }
      DoctorReport.Found open =
          DoctorReport.of(postgres.url()).all("max-connections").stream()
              .filter(finding -> "open".equals(finding.subject()))
              .findFirst()
              .orElseThrow();
      assertThat(open.seen()).matches("\\d+ open of \\d+, \\d+ of them idle");
    } finally {
      for (Connection connection : many) {
        connection.close();
      }
    }
  }

  /** Each service leaves a mark; these are theirs, on a server that is nobody's. */
  @Test
  @Order(2)
  void managedServersAreKnownByTheirMarks() {
    for (List<String> mark :
        List.of(
            List.of("supabase_admin", "supabase"),
            List.of("azure_pg_admin", "azure"),
            List.of("cloudsqlsuperuser", "cloud-sql"),
            List.of("neon_superuser", "neon"),
            List.of("rds_superuser", "rds"))) {
      sql("CREATE ROLE " + mark.get(0));
      DoctorReport managed = DoctorReport.of(postgres.url());
      sql("DROP ROLE " + mark.get(0));
      assertThat(managed.fact("provider")).isEqualTo(mark.get(1));
      assertThat(managed.findings().toString()).doesNotContain("ALTER SYSTEM");
      assertThat(managed.all("provider-unlogged")).hasSize(mark.get(1).equals("neon") ? 1 : 0);
    }
    sql("CREATE FUNCTION public.aurora_version() RETURNS text LANGUAGE sql AS 'SELECT ''16.1'''");
    DoctorReport aurora = DoctorReport.of(postgres.url());
    sql("DROP FUNCTION public.aurora_version()");
    assertThat(aurora.fact("provider")).isEqualTo("aurora");
    assertThat(aurora.all("crash-unsafe")).as("its storage has a log of its own").isEmpty();
    assertThat(
            aurora.all("autovacuum-off").stream()
                .flatMap(finding -> finding.remedy().stream())
                .toList())
        .contains("autovacuum = on, in the DB cluster parameter group");
  }

  /** What stands behind Do can be copied: everything in it that is SQL is run as it is. */
  @Test
  @Order(3)
  void theRemediesMend() throws SQLException {
    openForLong.rollback();
    listener.rollback();
    Set<String> mended =
        Set.of(
            "crash-unsafe",
            "autovacuum-off",
            "replica-identity",
            "freeze-age",
            "namespace-full",
            "prepared-transaction",
            "replication-slot",
            "synchronous-commit",
            "autovacuum-behind",
            "extra-index",
            "bloat",
            "public-rights");
    for (DoctorReport.Found finding : report.findings()) {
      if (mended.contains(finding.id())) {
        for (String step : finding.remedy()) {
          run(step);
        }
      }
    }
    // Autovacuum freezes the other databases by itself, now that it may.
    Eventually.holds(
        "what was mended is not found any more",
        Duration.ofMinutes(5),
        () -> {
          sql("CALL howdah.sweep_all('1 second')");
          Set<String> left =
              DoctorReport.of(postgres.url()).findings().stream()
                  .map(DoctorReport.Found::id)
                  .collect(Collectors.toSet());
          left.retainAll(mended);
          return left.isEmpty();
        });
  }

  private void run(String step) {
    String sql = step.replaceFirst("^in the database \\w+: ", "").replaceFirst(" +-- .*$", "");
    if (sql.matches("(ALTER|SELECT|ROLLBACK|VACUUM|DROP|REVOKE) .*")) {
      for (String statement : sql.split("; ", -1)) {
        sql(statement);
      }
    }
  }
}
