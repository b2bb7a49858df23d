package io.howdah.bench;

import io.howdah.bench.measure.Progress;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.server.Servers;
import io.howdah.bench.session.SessionBench;
import io.howdah.bench.session.SessionBenchSettings;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code howdah bench session}: sessions, measured side by side. */
@Command(
    name = "session",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures sessions in Spring Session on Redis and on Postgres, and in Howdah.",
      "",
      "Starts its own Redis and Postgres, on free ports, with data in a temporary folder. The"
          + " contestants take turns in short rounds. Every answer is checked; a wrong one makes the"
          + " exit code 1.",
      ""
    })
public final class SessionCommand extends SideBySideCommand<SessionBenchSettings> {

  @Mixin private SessionOptions options = new SessionOptions();

  @Override
  SessionOptions options() {
    return options;
  }

  @Override
  SideBySideBench<SessionBenchSettings> bench(
      SessionBenchSettings settings, Servers servers, Progress progress) {
    return new SessionBench(settings, servers, progress);
  }

  @Override
  Map<String, String> libraries() {
    return Libraries.sessions();
  }
}
