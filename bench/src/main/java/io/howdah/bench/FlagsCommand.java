package io.howdah.bench;

import io.howdah.bench.flag.FlagEvaluations;
import picocli.CommandLine.Command;

/** {@code howdah bench flags}: how many flags one core evaluates in a second. */
@Command(
    name = "flags",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures the evaluation of feature flags on one thread, by JMH.",
      "",
      "The flags come from a Postgres of its own; evaluating them asks none.",
      ""
    })
public final class FlagsCommand extends JmhCommand {

  /** On one thread. */
  public FlagsCommand() {
    super(FlagEvaluations.class, 1, "evaluations");
  }
}
