package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.TestPostgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class FunctionsCommandTest {

  private static final String SHORT =
      "functions --rounds 2 --seconds 0.05 --first-warmup 0 --warmup 0 --keys 200";

  private final StringWriter output = new StringWriter();

  @TempDir Path folder;

  @Tag("full")
  @Test
  void everyBatchIsComparedWithItsBareStatement() throws Exception {
    int exitCode = run(SHORT + " --batch-sizes 1,8 --levels ephemeral,relaxed,durable");

    assertThat(exitCode).as("%s", output).isZero();
    JsonNode report = report();
    assertThat(report.get("valid").asBoolean()).isTrue();
    assertThat(report.get("servers").get("postgres").get("server_version").asString())
        .startsWith("18");
    assertThat(report.get("results").size()).as("2 operations, 3 levels, 2 sizes").isEqualTo(24);
    for (JsonNode result : report.get("results")) {
      assertThat(result.get("rounds").size()).isEqualTo(2);
      JsonNode ratio = result.get("ratios").get("time × bare");
      assertThat(ratio.get("baseline").asString()).isEqualTo("bare");
      assertThat(ratio.get("median").asDouble()).isPositive();
    }
    assertThat(folder.resolve("functions.md"))
        .content()
        .contains("| Median time of a statement | functions | bare | time × bare | min – max |")
        .contains("| GET, ephemeral, 1 key |", "| SET, durable, 8 keys |")
        .contains("./howdah bench functions --rounds 2")
        .contains("fsync on")
        .doesNotContain("VOID");
  }

  @Test
  void aDatabaseOfTheUserIsMeasuredAndLeftAsItWas() throws Exception {
    int exitCode = run(SHORT + " --batch-sizes 4 --ops set --database-url " + TestPostgres.url());

    assertThat(exitCode).as("%s", output).isZero();
    assertThat(report().get("command").asString()).contains("--database-url …");
    assertThat(report().get("servers").get("postgres").get("started").asString())
        .isEqualTo("by the user");
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet left =
            statement.executeQuery(
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'howdah\\_bench%'")) {
      assertThat(left.next()).isFalse();
    }
  }

  @Test
  void anOptionOutOfBoundsIsNamedWithItsBoundsAndValue() {
    assertThat(run("functions --batch-sizes 0")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run("functions --keys 100")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run("functions --levels eternal")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(output.toString())
        .contains("--batch-sizes must be between 1 and 1000, was 0")
        .contains("--keys must be between 128 and 100000000, was 100")
        .contains("--levels must be of ephemeral, relaxed, durable, was 'eternal'");
  }

  private int run(String arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments.split(" ")));
    all.addAll(List.of("--out", folder.toString()));
    PrintWriter writer = new PrintWriter(output, true);
    return new CommandLine(new BenchCommand())
        .setOut(writer)
        .setErr(writer)
        .execute(all.toArray(String[]::new));
  }

  private JsonNode report() {
    return JsonMapper.shared().readTree(folder.resolve("functions.json").toFile());
  }
}
