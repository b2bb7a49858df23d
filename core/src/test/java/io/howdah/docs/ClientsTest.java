package io.howdah.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.schema.Migrator;
import io.howdah.testing.Programs;
import io.howdah.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** The programs in docs/clients.md run, with the real driver, and print what stands there. */
class ClientsTest {
  @TempDir Path folder;

  @Test
  void nodeProgramsPrintWhatTheDocsSay() throws Exception {
    Programs.require("node");
    Programs.require("npm");
    String docs = Files.readString(Path.of("..", "docs", "clients.md"));
    Files.writeString(folder.resolve("package.json"), "{\"private\":true}");
    run("npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "pg@8");

    String name = "clients_" + System.nanoTime();
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(TestPostgres.url().replaceFirst("/postgres\\?", "/" + name + "?"));
    new Migrator(database, "howdah").migrate();

    List<String> programs = blocks(docs, "js");
    List<String> outputs = blocks(docs, "text");
    assertThat(programs).hasSize(2).hasSameSizeAs(outputs);
    for (int i = 0; i < programs.size(); i++) {
      Files.writeString(folder.resolve("clients.js"), programs.get(i));
      Process node =
          start(
              "DATABASE_URL",
              "postgresql://postgres@127.0.0.1:" + database.getPortNumbers()[0] + "/" + name,
              "node",
              "clients.js");
      assertThat(new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(outputs.get(i));
      assertThat(node.waitFor()).isZero();
    }
  }

  private static List<String> blocks(String docs, String language) {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(docs)
        .results()
        .map(block -> block.group(1))
        .toList();
  }

  private void run(String... command) throws Exception {
    Process process = start("LANG", "C.UTF-8", command);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private Process start(String variable, String value, String... command) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put(variable, value);
    return builder.start();
  }
}
