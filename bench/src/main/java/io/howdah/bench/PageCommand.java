package io.howdah.bench;

import io.howdah.bench.report.BenchmarkPage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah bench page}: measures all that the page about benchmarks shows, and writes it. */
@Command(
    name = "page",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs bench reality and bench scale, and writes the page that shows their figures and charts.",
      "",
      "Takes an hour and some 10 GB of disk. A part that is measured again by itself, with"
          + " --out DOCS/benchmarks, is on the page after page --write-only.",
      ""
    })
public final class PageCommand implements Callable<Integer> {

  @Option(
      names = "--docs",
      paramLabel = "DIR",
      defaultValue = "docs",
      description = {
        "Where benchmarks.md goes (default: ${DEFAULT-VALUE}); figures and charts go to benchmarks"
            + " in it."
      })
  private Path docs = Path.of(".");

  @Option(names = "--quick", description = "Rough figures, in some minutes.")
  private boolean quick;

  @Option(
      names = "--write-only",
      description = "Measures nothing: writes the page from the files that are there.")
  private boolean writeOnly;

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter console = spec.commandLine().getOut();
    BenchmarkPage page = new BenchmarkPage(docs);
    int exitCode = ExitCode.OK;
    if (!writeOnly) {
      for (BenchmarkPage.Part part : BenchmarkPage.PARTS) {
        exitCode = Math.max(exitCode, measure(part, page.folder()));
      }
    }
    if (page.missing().size() == BenchmarkPage.PARTS.size()) {
      throw new ParameterException(
          spec.commandLine(), "There is nothing to write: " + page.folder() + " has no figures.");
    }
    page.missing().forEach(each -> console.println("Not on the page: " + each + ", not measured."));
    page.write();
    console.println("Written: " + page.file());
    console.flush();
    return exitCode;
  }

  private int measure(BenchmarkPage.Part part, Path folder) {
    List<String> arguments = new ArrayList<>(part.command());
    arguments.addAll(List.of("--out", folder.toString()));
    if (quick) {
      arguments.add("--quick");
    }
    return new CommandLine(new BenchCommand())
        .setOut(spec.commandLine().getOut())
        .setErr(spec.commandLine().getErr())
        .execute(arguments.toArray(String[]::new));
  }
}
