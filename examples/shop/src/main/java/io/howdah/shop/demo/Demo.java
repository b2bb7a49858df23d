package io.howdah.shop.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.howdah.InvalidArgumentException;
import io.howdah.server.DatabaseUrl;
import io.howdah.server.StartupException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command: the shop as two processes on one Postgres, until it is stopped. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description = {
      "Runs the shop as two processes on one Postgres, an embedded one unless you name another.",
      "When both serve it prints their addresses, and what to try. Ctrl-C stops everything.",
      ""
    })
public final class Demo implements Callable<Integer> {

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8081",
      description = "The port of the first one. Default: 8081.")
  private int port;

  @Option(
      names = "--port2",
      paramLabel = "PORT",
      defaultValue = "8082",
      description = "The port of the second one. Default: 8082.")
  private int port2;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Keep the embedded Postgres's data in this folder; made when it is not there. Without it the data is deleted at the end.")
  private @Nullable Path dir;

  @Option(
      names = "--postgres",
      paramLabel = "URL",
      description =
          "Use this database instead: jdbc:postgresql://HOST:PORT/DATABASE?user=...&password=... The shop makes its tables in it. SHOP_POSTGRES says"
              + " the same, and keeps the password off the list of processes.",
      defaultValue = "${env:SHOP_POSTGRES:-}")
  private String postgres = "";

  public static void main(String[] args) {
    limit(org.slf4j.Logger.ROOT_LOGGER_NAME, Level.WARN);
    // it reports as an error when Postgres takes longer to stop, for which the cluster waits
    limit("io.zonky", Level.OFF);
    System.exit(
        new CommandLine(new Demo())
            .setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command))
            .execute(args));
  }

  private static void limit(String logger, Level level) {
    ((Logger) LoggerFactory.getLogger(logger)).setLevel(level);
  }

  private static int explain(Exception failure, CommandLine command) throws Exception {
    if (failure instanceof StartupException || failure instanceof InvalidArgumentException) {
      command.getErr().println("shop: " + DatabaseUrl.mask(String.valueOf(failure.getMessage())));
      command.getErr().flush();
      return ExitCode.SOFTWARE;
    }
    throw failure;
  }

  @Override
  public Integer call() {
    if (dir != null && !postgres.isBlank()) {
      throw new ParameterException(
          spec.commandLine(), "--dir is for the embedded Postgres: not together with --postgres");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Cluster cluster =
        new Cluster(
            List.of(port, port2),
            line -> {
              err.println("shop: " + line);
              err.flush();
            });
    Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "shop-shutdown"));
    DatabaseUrl url = postgres.isBlank() ? cluster.startPostgres(dir) : DatabaseUrl.parse(postgres);
    cluster.startNodes(url);
    out.println(text(url));
    out.flush();
    String ended = cluster.ended().join();
    throw new StartupException(ended);
  }

  private String text(DatabaseUrl url) {
    return """

    The shop runs as two processes on one Postgres:

      http://localhost:%1$d
      http://localhost:%2$d
      %3$s
      %4$s

    Three things to try:

    1. Log in on %1$d as ann, password ann-rides, and open %2$d: you are logged in there too.
       Then, in psql, end her sessions. Load either page again, and she is out.

         SELECT howdah.session_revoke_user('ann');

    2. Change a price, and load the catalogue again: it is cached, and yet right, on both.

         UPDATE product SET price_cents = 19900 WHERE id = 1;

    3. Make shipping free, by a flag, and look at any page of either.

         SELECT howdah.flag_set('shop.free-shipping', '{"enabled": true}', 'me', 'to try it');

    Ctrl-C stops everything.
    """
        .formatted(port, port2, url.psqlCommand(), url.masked())
        .stripTrailing();
  }
}
