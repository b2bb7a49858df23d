package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class PageCommandTest {

  private final StringWriter output = new StringWriter();

  @TempDir Path docs;

  @Test
  void thePageHoldsTheReportsThatAreThereInItsOwnOrder() throws Exception {
    Path folder = Files.createDirectory(docs.resolve("benchmarks"));
    Files.writeString(
        folder.resolve("scale-keys.md"),
        "Keys.\n\n![GET](scale-keys-get.svg) [PNG](scale-keys-get.png)\n");
    Files.writeString(folder.resolve("reality.md"), "Reality.\n");

    assertThat(run()).isZero();

    assertThat(docs.resolve("benchmarks.md"))
        .content()
        .contains("![GET](benchmarks/scale-keys-get.svg) [PNG](benchmarks/scale-keys-get.png)")
        .contains("[reality.json](benchmarks/reality.json)")
        .containsSubsequence("## What is said", "Reality.", "## More keys", "Keys.")
        .doesNotContain("## More callers");
    assertThat(output.toString()).contains("Not on the page: scale-callers, not measured.");
  }

  @Test
  void withoutAnyReportThereIsNoPage() {
    assertThat(run()).isEqualTo(CommandLine.ExitCode.USAGE);

    assertThat(output.toString()).contains("There is nothing to write");
    assertThat(docs.resolve("benchmarks.md")).doesNotExist();
  }

  private int run() {
    PrintWriter writer = new PrintWriter(output, true);
    return new CommandLine(new BenchCommand())
        .setOut(writer)
        .setErr(writer)
        .execute("page", "--write-only", "--docs", docs.toString());
  }
}
