package io.howdah.cli;

import io.howdah.cli.pgbouncer.Database;
import io.howdah.cli.pgbouncer.IniFile;
import io.howdah.cli.pgbouncer.OutputFiles;
import io.howdah.cli.pgbouncer.PgBouncerVersion;
import io.howdah.cli.pgbouncer.Role;
import io.howdah.cli.pgbouncer.Sizing;
import io.howdah.cli.pgbouncer.UserList;
import io.howdah.server.DatabaseUrl;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes a configuration of PgBouncer. */
@Command(
    name = "pgbouncer",
    defaultValueProvider = Variables.class,
    description = {
      "Writes a pgbouncer.ini and its user list, for a database and a number of connections.",
      "Each setting says what it is for. It looks at the database, and changes nothing there.",
      "As a superuser it writes the secrets of the roles into the user list. Without those",
      "rights PgBouncer looks them up, with SQL that it writes as well (lookup.sql).",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it is written, and the connections fit",
      "1:it is not written, for a reason that it says",
      "2:an option is missing or wrong",
      "3:it is written, but the numbers of connections do not fit, as its warnings say"
    },
    footer = {
      "",
      "Examples:",
      "  howdah pgbouncer --database-url 'jdbc:postgresql://db/app?user=postgres' --role app --connections 400",
      "  howdah pgbouncer --database-url ... --role app --connections 400 --directory /etc/pgbouncer"
    })
final class PgBouncerCommand implements Callable<Integer> {
  private static final int DO_NOT_FIT = 3;
  private static final String INI = "pgbouncer.ini";
  private static final String USERS = "userlist.txt";
  private static final String LOOKUP = "lookup.sql";

  /** Where a package of PgBouncer looks for its files. */
  private static final Path USUAL_FOLDER = Path.of("/etc/pgbouncer");

  private static final Set<String> EVERYWHERE = Set.of("*", "0.0.0.0", "::");
  private static final Set<String> THIS_MACHINE = Set.of("127.0.0.1", "::1", "localhost");
  private static final int LARGEST_PORT = 65_535;
  private static final int MOST_CONNECTIONS = 1_000_000;

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description =
          "The database itself, not through a pooler: jdbc:postgresql://HOST:PORT/DATABASE?user=...&password=... (HOWDAH_DATABASE_URL)")
  private @Nullable String databaseUrl;

  @Option(
      names = "--connections",
      paramLabel = "N",
      required = true,
      description =
          "How many connections the applications are expected to make, all processes together: of each, its pool and the lanes of Howdah.")
  private int connections;

  @Option(
      names = "--server-connections",
      paramLabel = "N",
      description =
          "How many connections to the database there may be. Default: by what the database has room for, at most 20 a role.")
  private @Nullable Integer serverConnections;

  @Option(
      names = "--role",
      paramLabel = "NAME",
      description =
          "A role that logs in through PgBouncer. May be given several times. Default: the user of the URL.")
  private List<String> roles = List.of();

  @Option(
      names = "--pgbouncer-version",
      paramLabel = "V",
      description =
          "The version of PgBouncer, like 1.21. Default: what pgbouncer --version says on this machine, else 1.21.")
  private @Nullable String version;

  @Option(
      names = "--listen-address",
      paramLabel = "A",
      defaultValue = "127.0.0.1",
      description = "Where PgBouncer listens; * is everywhere. Default: 127.0.0.1, this machine.")
  private String listenAddress = "";

  @Option(
      names = "--listen-port",
      paramLabel = "PORT",
      defaultValue = "6432",
      description = "The port of PgBouncer. Default: 6432.")
  private int listenPort;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description =
          "Write the files there; those with secrets are for their owner only. Default: print them, without the secrets.")
  private @Nullable Path directory;

  @Option(names = "--force", description = "Replace files that are there already.")
  private boolean force;

  @Option(names = "--show-secrets", description = "Print the secrets, too.")
  private boolean showSecrets;

  @Override
  public Integer call() {
    if (databaseUrl == null || databaseUrl.isBlank()) {
      throw mistake("which database? Name it with --database-url or HOWDAH_DATABASE_URL");
    }
    requireFrom1("--connections", connections, MOST_CONNECTIONS);
    if (serverConnections != null) {
      requireFrom1("--server-connections", serverConnections, MOST_CONNECTIONS);
    }
    requireFrom1("--listen-port", listenPort, LARGEST_PORT);
    if (!listenAddress.matches("[\\w.:*,-]+")) {
      throw mistake("--listen-address: addresses or names expected, got " + listenAddress);
    }
    PgBouncerVersion pooler = version();
    DatabaseUrl url = DatabaseUrl.parse(databaseUrl);
    Database database = Database.look(url, roles);
    Sizing sizing = Sizing.of(database, connections, serverConnections);
    UserList users = UserList.of(database);
    Path folder = directory == null ? USUAL_FOLDER : directory.toAbsolutePath().normalize();
    List<OutputFiles.Content> files = new ArrayList<>();
    boolean withSecrets = directory != null || showSecrets;
    files.add(
        new OutputFiles.Content(
            INI,
            IniFile.of(
                pooler, database, sizing, users, listenAddress, listenPort, folder.resolve(USERS)),
            false));
    files.add(new OutputFiles.Content(USERS, users.file(withSecrets), true));
    if (users.asks()) {
      files.add(new OutputFiles.Content(LOOKUP, users.lookupSql(withSecrets), true));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (directory == null) {
      for (OutputFiles.Content file : files) {
        out.println("=== " + file.name());
        out.println(file.text());
      }
      if (!withSecrets) {
        say("secrets are left out; --directory writes files that work, --show-secrets prints all");
      }
    } else {
      OutputFiles.write(folder, files, force);
      out.println("Written to " + folder + ": " + files);
    }
    if (users.asks()) {
      out.println(
          "Run "
              + LOOKUP
              + " in the database as a superuser, once"
              + (database.hasLookupRole()
                  ? "; it gives a role of an earlier run a new password."
                  : "."));
    }
    sizing.reasons().forEach(out::println);
    tellUrls(out, pooler, database);
    out.flush();
    sizing.warnings().forEach(warning -> say("warning: " + warning));
    warnOfUrl(url);
    return sizing.warnings().isEmpty() ? 0 : DO_NOT_FIT;
  }

  private PgBouncerVersion version() {
    if (version == null) {
      PgBouncerVersion found = PgBouncerVersion.installed().orElse(PgBouncerVersion.PREPARES);
      if (found.compareTo(PgBouncerVersion.OLDEST) < 0) {
        throw mistake(
            "--pgbouncer-version: which one? The PgBouncer on this machine is "
                + found
                + "; "
                + PgBouncerVersion.OLDEST
                + " is the first that passes SCRAM logins on");
      }
      return found;
    }
    PgBouncerVersion named =
        PgBouncerVersion.parse(version)
            .orElseThrow(
                () -> mistake("--pgbouncer-version: one like 1.21 expected, got " + version));
    if (named.compareTo(PgBouncerVersion.OLDEST) < 0) {
      throw mistake(
          "--pgbouncer-version: "
              + PgBouncerVersion.OLDEST
              + " or newer expected, which passes SCRAM logins on; got "
              + version);
    }
    return named;
  }

  private void tellUrls(PrintWriter out, PgBouncerVersion pooler, Database database) {
    String first = listenAddress.split(",", 2)[0];
    String host = EVERYWHERE.contains(first) ? "HOST-OF-PGBOUNCER" : first;
    out.println();
    for (Role role : database.roles()) {
      String user = "?user=" + URLEncoder.encode(role.name(), StandardCharsets.UTF_8);
      out.println("The application that logs in as " + role.name() + ":");
      out.println(
          "  URL        "
              + url(host, listenPort, database.offeredName())
              + user
              + (pooler.prepares() ? "&prepareThreshold=1" : "&prepareThreshold=0"));
      out.println("  listenUrl  " + url(database.host(), database.port(), database.name()) + user);
    }
  }

  private static String url(String host, int port, String database) {
    return "jdbc:postgresql://"
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port
        + "/"
        + URLEncoder.encode(database, StandardCharsets.UTF_8);
  }

  /** What the application may have to change, and PgBouncer cannot be told. */
  private void warnOfUrl(DatabaseUrl url) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url.jdbcUrl());
    if (source.getCurrentSchema() != null || source.getOptions() != null) {
      say(
          "warning: PgBouncer takes neither currentSchema nor options from a client; set such things for the role: ALTER ROLE ... SET search_path = ...");
    }
    String mode = source.getSslMode();
    if (mode != null && mode.startsWith("verify-") && source.getSslRootCert() == null) {
      say(
          "warning: the URL checks the server's certificate, but names no sslrootcert; set server_tls_ca_file in "
              + INI);
    }
    if (!THIS_MACHINE.contains(listenAddress)) {
      say(
          "warning: clients from other machines talk to PgBouncer in plain text until client_tls_sslmode is set in "
              + INI);
    }
  }

  private void requireFrom1(String option, int value, int most) {
    if (value < 1 || value > most) {
      throw mistake(option + ": 1 to " + most + " expected, got " + value);
    }
  }

  private ParameterException mistake(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("howdah: " + line);
    err.flush();
  }
}
