package io.howdah.cli;

import io.howdah.schema.SchemaMode;
import io.howdah.server.DatabaseUrl;
import io.howdah.server.DurationText;
import io.howdah.server.HowdahServer;
import io.howdah.server.ServerSettings;
import io.howdah.server.ServerSettings.Database;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves HTTP, on an embedded Postgres or another one, until it is stopped. */
@Command(
    name = "serve",
    defaultValueProvider = Variables.class,
    description = {
      "Serves Howdah over HTTP, with a Postgres of its own or another one.",
      "When it is ready it prints a line that begins 'Howdah is ready:', with the addresses of both, and a psql command to paste.",
      "Ctrl-C stops everything.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  howdah serve                       to try it: the data is deleted at the end",
      "  howdah serve --data ./data         the same data at every start",
      "  howdah serve --database-url 'jdbc:postgresql://db/app?user=me'"
    })
final class ServeCommand implements Callable<Integer> {

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Keep the embedded Postgres's data in this folder; made when it is not there. Without it the data is temporary. (HOWDAH_DATA)")
  private @Nullable Path data;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description =
          "Work on this database instead: jdbc:postgresql://HOST:PORT/DATABASE?user=...&password=... The variable keeps the password off the"
              + " list of processes. (HOWDAH_DATABASE_URL)")
  private @Nullable String databaseUrl;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description = "The port of HTTP; 0 for any free one. Default: 8080. (HOWDAH_HTTP_PORT)")
  private int httpPort;

  @Option(
      names = "--http-host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Where HTTP listens: 127.0.0.1 or ::1, and nothing else for now. Default: 127.0.0.1. (HOWDAH_HTTP_HOST)")
  private String httpHost = "";

  @Option(
      names = "--postgres-port",
      paramLabel = "PORT",
      description =
          "The port of the embedded Postgres. Default: any free one. (HOWDAH_POSTGRES_PORT)")
  private @Nullable Integer postgresPort;

  @Option(
      names = "--schema",
      paramLabel = "NAME",
      defaultValue = "howdah",
      description = "The schema of Howdah's tables and functions. Default: howdah. (HOWDAH_SCHEMA)")
  private String schema = "";

  @Option(
      names = "--schema-mode",
      paramLabel = "MODE",
      defaultValue = "migrate",
      description =
          "What is done about the schema at the start: migrate makes it or brings it up to date, validate checks it, none does nothing. Default:"
              + " migrate. (HOWDAH_SCHEMA_MODE)")
  private SchemaMode schemaMode = SchemaMode.MIGRATE;

  @Option(
      names = "--lanes",
      paramLabel = "N",
      description =
          "Connections of the engine, 1 to 32. Default: the library's, 8, or 4 behind a pooler. (HOWDAH_LANES)")
  private @Nullable Integer lanes;

  @Option(
      names = "--call-timeout",
      paramLabel = "TIME",
      defaultValue = "5s",
      description =
          "The deadline of a call on the database, 10ms to 10m. Default: 5s. (HOWDAH_CALL_TIMEOUT)")
  private String callTimeout = "";

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    HowdahServer server =
        new HowdahServer(
            settings(),
            line -> {
              err.println("howdah: " + line);
              err.flush();
            });
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "howdah-shutdown"));
    server.start();
    PrintWriter out = spec.commandLine().getOut();
    out.println("Howdah is ready: " + server.url() + " " + server.database().masked());
    out.println(server.database().psqlCommand());
    out.flush();
    boolean byItself = server.ended().join();
    if (byItself) {
      String lastWords = server.lastWords();
      server.close();
      throw new CommandFailure("the embedded Postgres has ended" + lastWords);
    }
    return 0;
  }

  private ServerSettings settings() {
    return new ServerSettings(
        new ServerSettings.Http(httpHost, httpPort),
        database(),
        new ServerSettings.Library(
            schema, schemaMode, lanes, DurationText.parse("call-timeout", callTimeout)));
  }

  private Database database() {
    boolean external = isGiven("--database-url");
    boolean embedded = isGiven("--data") || isGiven("--postgres-port");
    String url = embedded && !external ? null : databaseUrl;
    if (url == null || url.isBlank()) {
      return new Database.Embedded(
          data == null || data.toString().isBlank() ? null : data,
          postgresPort == null ? 0 : postgresPort);
    }
    // An option wins over the variables, also over one that sets another option.
    if (external == embedded && (data != null || postgresPort != null)) {
      String option = data == null ? "--postgres-port" : "--data";
      throw new ParameterException(
          spec.commandLine(),
          external
              ? option + " is for the embedded Postgres: not together with --database-url"
              : Variables.nameOf(option)
                  + " is for the embedded Postgres: not together with "
                  + Variables.nameOf("--database-url"));
    }
    return new Database.External(DatabaseUrl.parse(url));
  }

  /** Whether an option stands on the command line. */
  private boolean isGiven(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }
}
