package io.howdah.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The group of the benchmarks; each is a subcommand. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description =
        "Measures Howdah beside Redis, Spring Session, Spring Data Redis, Bucket4j, db-scheduler, JobRunr, plain JDBC and bare SQL, on this machine.",
    subcommands = {
      KvCommand.class,
      RealityCommand.class,
      ScaleCommand.class,
      PageCommand.class,
      SessionCommand.class,
      RateLimitCommand.class,
      CacheCommand.class,
      SpringCommand.class,
      FlagsCommand.class,
      NearCommand.class,
      ChannelsCommand.class,
      PreferencesCommand.class,
      JobsCommand.class,
      FunctionsCommand.class,
      ChurnCommand.class,
      NeighbourCommand.class,
      ExpiryCommand.class
    })
public final class BenchCommand implements Runnable {

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Which benchmark? There are: " + String.join(", ", spec.subcommands().keySet()));
  }
}
