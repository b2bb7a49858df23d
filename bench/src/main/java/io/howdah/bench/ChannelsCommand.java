package io.howdah.bench;

import io.howdah.bench.channel.ChannelBench;
import io.howdah.bench.channel.ChannelResult;
import io.howdah.bench.channel.ChannelSettings;
import io.howdah.bench.report.ChannelReport;
import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.report.Machine;
import io.howdah.bench.report.RunInfo;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah bench channels}: how messages come to many processes, and what notifying costs. */
@Command(
    name = "channels",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures channels: the delivery of a steady stream of messages to processes that listen, and"
          + " the commits of threads that notify not at all, each time, and together.",
      "",
      "A message that is neither delivered nor accounted for makes the exit code 1.",
      ""
    })
public final class ChannelsCommand implements Callable<Integer> {

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Messages a second, 1 to 1000000 (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--processes",
      paramLabel = "N",
      defaultValue = "5",
      description = "JVMs that listen, 1 to 50 (default: ${DEFAULT-VALUE}).")
  private int processes;

  @Option(
      names = "--subscribers",
      paramLabel = "N",
      defaultValue = "10",
      description = "Subscribers in each of them, 1 to 1000 (default: ${DEFAULT-VALUE}).")
  private int subscribers;

  @Option(
      names = "--payload-bytes",
      paramLabel = "N",
      defaultValue = "100",
      description = "Length of a message, 20 to 1000000 (default: ${DEFAULT-VALUE}).")
  private int payloadBytes;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "How long messages are published, after as long for warming up (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--writers",
      paramLabel = "N",
      defaultValue = "16",
      description = "Threads that commit, 1 to 200 (default: ${DEFAULT-VALUE}).")
  private int writers;

  @Option(
      names = "--commit-seconds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How long each way of committing is measured (default: ${DEFAULT-VALUE}).")
  private int commitSeconds;

  @Mixin private PlaceOptions place = new PlaceOptions();

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    ChannelSettings settings = checkedSettings();
    PrintWriter console = spec.commandLine().getOut();
    try (WorkFolder folder = place.openWorkFolder()) {
      Servers servers = new Servers(folder, Map.of(), place.databaseUrl(), settings.connections());
      Machine machine = Machine.detect(folder.fileSystem());
      ConsoleReport.printWarnings(machine, console);
      ChannelBench bench =
          new ChannelBench(
              settings, servers, folder, line -> ConsoleReport.printLine(line, console));
      Startup.prepare(spec, bench::prepare);
      RunInfo run =
          PlaceOptions.runInfo(
              spec, machine, settings.asOptions(), servers, Libraries.postgresDriver());
      ConsoleReport.printSetting(run, console);
      ChannelResult result = bench.run();
      ChannelReport report = new ChannelReport(run, result);
      report.writeJson(place.file("channels.json"));
      report.writeMarkdown(place.file("channels.md"));
      report.printSummary(console);
      ConsoleReport.printLine(Drawing.written(place.out(), "channels", List.of()), console);
      return Startup.exitCode(result.isValid(), console);
    }
  }

  private ChannelSettings checkedSettings() {
    try {
      return new ChannelSettings(
          (int) Bounds.check("--rate", rate, 1, 1_000_000),
          (int) Bounds.check("--processes", processes, 1, 50),
          (int) Bounds.check("--subscribers", subscribers, 1, 1_000),
          (int) Bounds.check("--payload-bytes", payloadBytes, 20, 1_000_000),
          (int) Bounds.check("--seconds", seconds, 1, 600),
          (int) Bounds.check("--writers", writers, 1, 200),
          (int) Bounds.check("--commit-seconds", commitSeconds, 1, 600));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
