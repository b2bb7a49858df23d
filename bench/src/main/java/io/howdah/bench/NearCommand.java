package io.howdah.bench;

import io.howdah.bench.near.NearReads;
import picocli.CommandLine.Command;

/** {@code howdah bench near}: how many reads near caches answer in a second. */
@Command(
    name = "near",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures reads that near caches answer, on two threads, by JMH.",
      "",
      "The values come from a Postgres of its own; reading them again asks none. For writes beside"
          + " them see bench kv, howdah-near and lettuce-tracking.",
      ""
    })
public final class NearCommand extends JmhCommand {

  /** On two threads. */
  public NearCommand() {
    super(NearReads.class, 2, "reads");
  }
}
