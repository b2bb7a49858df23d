package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.Wipe;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a backup has of the tables, with Debian's programs; the table is in docs/backup.md. */
@Tag("full")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackupTest {
  private static final Path BIN = Path.of("/usr/lib/postgresql/15/bin");

  @TempDir Path folder;
  private PrivatePostgres postgres;
  private String token;

  @BeforeAll
  void fill() {
    for (String program : List.of("postgres", "pg_dump", "psql", "pg_basebackup")) {
      Programs.requireFile(BIN.resolve(program), "postgresql-15");
    }
    postgres = PrivatePostgres.createWith(BIN);
    try (Howdah howdah = open(postgres.url())) {
      howdah.namespaces().create("d", Durability.DURABLE);
      for (String name : List.of("d", "e")) {
        howdah.kv(name, Integer.class).set("k", 1);
      }
      token = howdah.sessions().create("ann").token();
    }
  }

  @AfterAll
  void close() {
    if (postgres != null) {
      postgres.close();
    }
  }

  private static Howdah open(String url) {
    return Howdah.builder(url).callTimeout(Duration.ofSeconds(30)).open();
  }

  private String run(String program, String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(BIN.resolve(program).toString()));
    command.addAll(List.of("-h", "127.0.0.1", "-p", String.valueOf(postgres.port())));
    command.addAll(List.of("-U", "postgres"));
    command.addAll(List.of(args));
    Path log = Files.createTempFile(folder, program, ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(program + ": " + Files.readString(log)).isZero();
    return Files.readString(log);
  }

  private String restoreInto(String database, String... options) throws Exception {
    Path dump = folder.resolve(database + ".sql");
    List<String> args = new ArrayList<>(List.of("--schema=howdah", "-f", dump.toString()));
    args.addAll(List.of(options));
    args.add("postgres");
    assertThat(run("pg_dump", args.toArray(String[]::new))).isEmpty();
    assertThat(postgres.sql("CREATE DATABASE " + database)).isEmpty();
    String said = run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", dump.toString());
    assertThat(said).doesNotContain("ERROR");
    return postgres.url().replace("/postgres?", "/" + database + "?");
  }

  @Test
  void aDumpHasEverythingAndNoToken() throws Exception {
    String url = restoreInto("whole");
    try (Howdah howdah = open(url)) {
      List<Wipe> heard = new CopyOnWriteArrayList<>();
      howdah.onWipe(heard::add);
      assertThat(howdah.kv("d", Integer.class).get("k")).contains(1);
      assertThat(howdah.kv("e", Integer.class).get("k")).contains(1);
      assertThat(howdah.sessions().get(token)).isPresent();
      assertThat(howdah.kv("e", Integer.class).increment("k")).isEqualTo(2);
      assertThat(heard).as("nothing is missing").isEmpty();
      assertThat(howdah.stats().wipes()).isZero();
    }
    assertThat(Files.readString(folder.resolve("whole.sql"))).doesNotContain(token);
  }

  @Test
  void aDumpWithoutUnloggedDataIsAWipe() throws Exception {
    String url = restoreInto("logged_only", "--no-unlogged-table-data");
    try (Howdah howdah = open(url)) {
      assertThat(howdah.kv("d", Integer.class).get("k")).contains(1);
      assertThat(howdah.kv("e", Integer.class).get("k")).isEmpty();
      assertThat(howdah.sessions().get(token)).isPresent();
      Eventually.holds("it is found", () -> howdah.stats().wipes() == 1);
      howdah.kv("e", Integer.class).set("k", 3);
      assertThat(howdah.kv("e", Integer.class).get("k")).contains(3);
    }
  }

  /** When it is started each unlogged table is made anew, from the empty one that it does have. */
  @Test
  void aBaseBackupHasUnloggedTablesEmpty() throws Exception {
    assertThat(postgres.sql("CHECKPOINT")).isEmpty();
    Path backup = folder.resolve("base");
    String said = run("pg_basebackup", "-D", backup.toString(), "--checkpoint=fast");
    assertThat(said).doesNotContain("error");
    Path ephemeral = backup.resolve(file("kv_ephemeral"));
    assertThat(ephemeral).doesNotExist();
    assertThat(Path.of(ephemeral + "_init")).exists().isEmptyFile();
    assertThat(backup.resolve(file("kv_durable"))).isNotEmptyFile();
    assertThat(backup.resolve(file("session_durable"))).isNotEmptyFile();
  }

  private String file(String table) {
    return postgres.sql("SELECT pg_relation_filepath(?::regclass)", "howdah." + table).get(0);
  }

  @Test
  void logicalReplicationHasNoUnloggedTableAndNoSequence() {
    assertThatThrownBy(() -> postgres.sql("CREATE PUBLICATION p FOR TABLE howdah.kv_ephemeral"))
        .hasMessageContaining("unlogged");
    assertThat(postgres.sql("CREATE PUBLICATION everything FOR ALL TABLES")).isEmpty();
    List<String> published =
        postgres.sql("SELECT tablename FROM pg_publication_tables WHERE schemaname = 'howdah'");
    assertThat(postgres.sql("DROP PUBLICATION everything")).isEmpty();
    assertThat(published)
        .contains("kv_durable", "session_durable", "flag", "job", "lock")
        .doesNotContain("kv_ephemeral", "rate_limit", "cache_entry", "lock_token", "job_id");
  }
}
