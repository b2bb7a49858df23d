package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.schema.Migrator;
import io.howdah.schema.SchemaMode;
import io.howdah.testing.TestPostgres;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

final class MigrateCommandTest {
  private final String schema = TestPostgres.freshSchema(MigrateCommandTest.class);

  private CommandRun migrate(String... more) {
    String[] args = new String[5 + more.length];
    System.arraycopy(
        new String[] {"migrate", "--database-url", TestPostgres.url(), "--schema", schema},
        0,
        args,
        0,
        5);
    System.arraycopy(more, 0, args, 5, more.length);
    return CommandRun.of(args);
  }

  @Test
  void theSchemaIsMadeOnce() {
    assertThat(migrate())
        .isEqualTo(
            new CommandRun(
                0,
                "The schema " + schema + " has been brought to version " + Migrator.VERSION + ".\n",
                ""));
    assertThat(migrate())
        .isEqualTo(new CommandRun(0, "The schema " + schema + " is up to date.\n", ""));
    try (Howdah howdah =
        Howdah.builder(TestPostgres.url()).schema(schema).schemaMode(SchemaMode.VALIDATE).open()) {
      assertThat(howdah.kv("n", String.class).set("k", "v")).isPositive();
    }
  }

  @Test
  void aDryRunPrintsSqlThatDoesTheSame() throws SQLException {
    CommandRun dry = migrate("--dry-run");
    assertThat(dry.exitCode()).isZero();
    assertThat(dry.out())
        .startsWith("BEGIN;")
        .endsWith("COMMIT;\n")
        .contains("CREATE TABLE " + schema + ".kv_durable");
    try (var connection = TestPostgres.dataSource().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(dry.out());
    }
    assertThat(migrate("--dry-run").out())
        .isEqualTo("-- The schema " + schema + " is up to date.\n");
    assertThat(migrate().out()).contains("is up to date");
  }

  @Test
  void rolesGetWhatTheyNeed() throws SQLException {
    String role = schema + "_app";
    try (var connection = TestPostgres.dataSource().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CREATE ROLE " + role + " LOGIN");
      assertThat(migrate("--app-role", role, "--monitor-role", role).out())
          .contains("The role " + role + " has the rights of the kind app.")
          .contains("The role " + role + " has the rights of the kind monitor.");
      statement.execute("SET ROLE " + role);
      statement.execute("SELECT " + schema + ".kv_set('n', 'k', '1')");
    }
    assertThat(migrate("--app-role", "no_such_role").exitCode()).isEqualTo(1);
    assertThat(migrate("--app-role", "no_such_role").err()).contains("no_such_role");
    assertThat(migrate("--dry-run", "--app-role", role).exitCode()).isEqualTo(2);
  }

  @Test
  void whatGoesWrongIsALineAndExitCode1() {
    CommandRun run =
        CommandRun.of("migrate", "--database-url", "jdbc:postgresql://127.0.0.1:1/d?user=u");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines().toList()).hasSize(1);
    assertThat(run.err()).startsWith("howdah: ").contains("refused");
  }
}
