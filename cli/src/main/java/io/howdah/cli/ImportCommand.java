package io.howdah.cli;

import io.howdah.Codec;
import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.cli.importing.Checkpoints;
import io.howdah.cli.importing.Checkpoints.Checkpoint;
import io.howdah.cli.importing.CsvSource;
import io.howdah.cli.importing.ImportFile;
import io.howdah.cli.importing.Importer;
import io.howdah.cli.importing.NdjsonSource;
import io.howdah.cli.importing.Progress;
import io.howdah.cli.importing.RecordSource;
import io.howdah.cli.importing.RecordSource.Position;
import io.howdah.cli.importing.RejectFile;
import io.howdah.cli.importing.Tally;
import io.howdah.cli.importing.Target;
import io.howdah.kv.KvLimits;
import io.howdah.kv.NamespaceSettings;
import io.howdah.kv.Namespaces;
import io.howdah.schema.SchemaMode;
import io.howdah.server.DatabaseUrl;
import io.howdah.server.DurationText;
import io.howdah.server.ServerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Stores the records of a file as values of a namespace. */
@Command(
    name = "import",
    defaultValueProvider = Variables.class,
    description = {
      "Stores the records of a file as JSON values of a namespace.",
      "Each goes under the key that one of its fields holds.",
      "NDJSON: an object a line. CSV: a header row, then rows; all values become strings.",
      "It goes on where it was when it is run again after it was stopped.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every record is stored",
      "1:it stopped, for a reason that it says; run again, it goes on",
      "2:an option is missing or wrong",
      "3:it went to the end, but some records were rejected"
    },
    footer = {
      "",
      "Examples:",
      "  howdah import packages.ndjson --namespace packages --key package --searchable",
      "  zcat users.csv.gz | howdah import - --format csv --namespace users --key id"
    })
final class ImportCommand implements Callable<Integer> {
  private static final int SOME_REJECTED = 3;

  /** A batch of large values takes longer than a call usually may. */
  private static final Duration CALL_TIMEOUT = Duration.ofMinutes(2);

  /** How the records stand in a file. */
  enum Format {
    NDJSON,
    CSV
  }

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      description = "The file; - for standard input, which cannot be gone on with.")
  private String file = "";

  @Option(
      names = "--namespace",
      paramLabel = "N",
      required = true,
      description = "The namespace that the values go into.")
  private String namespace = "";

  @Option(
      names = "--key",
      paramLabel = "FIELD",
      required = true,
      description = "The field that holds the key: a string or a number.")
  private String key = "";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "ndjson or csv. Default: by the name of the file (.ndjson, .jsonl, .json, .csv); ndjson for standard input.")
  private @Nullable Format format;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description =
          "The database. Default: that of the 'howdah serve' on this machine, on port 8080 or HOWDAH_HTTP_PORT. (HOWDAH_DATABASE_URL)")
  private @Nullable String databaseUrl;

  @Option(
      names = "--schema",
      paramLabel = "NAME",
      description = "The schema of Howdah. Default: that of the server, or howdah. (HOWDAH_SCHEMA)")
  private @Nullable String schema;

  @Option(
      names = "--durability",
      paramLabel = "LEVEL",
      description =
          "Register the namespace as ephemeral, relaxed or durable. Default: as it is; an unregistered one is ephemeral.")
  private @Nullable Durability durability;

  @Option(
      names = "--searchable",
      description = "Register the namespace as searchable, at least relaxed.")
  private boolean searchable;

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      description = "Give the values an end: 30s, 5m, 2h, 7d, PT30S.")
  private @Nullable String ttl;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "500",
      description = "Records a batch, 1 to 1000. Default: 500.")
  private int batch;

  @Option(
      names = "--restart",
      description = "Begin at the start, also when an earlier run was stopped. Default: go on.")
  private boolean restart;

  @Option(
      names = "--rejected",
      paramLabel = "FILE",
      description = "Write the rejected records there, with the reasons.")
  private @Nullable Path rejected;

  @Override
  public Integer call() throws IOException {
    if (batch < 1 || batch > 1_000) {
      throw new ParameterException(spec.commandLine(), "--batch: 1 to 1000 expected, got " + batch);
    }
    Duration end = ttl == null ? null : DurationText.parse("ttl", ttl);
    if (end != null
        && (end.isZero() || end.isNegative() || end.compareTo(KvLimits.LONGEST_TTL) > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--ttl: more than 0 and at most 36500 days expected, got " + ttl);
    }
    ImportFile input = ImportFile.of(file);
    Format shape = format == null ? format(input.name()) : format;
    try (Howdah howdah = open()) {
      Durability kept = register(howdah.namespaces());
      Checkpoints checkpoints =
          input.isResumable()
              ? Checkpoints.of(
                  howdah,
                  kept,
                  List.of(input.identity(), namespace, key, shape.name(), String.valueOf(end)))
              : null;
      Target target = new Target(howdah.kv(namespace, Codec.rawJson()), end);
      Checkpoint before = checkpoints == null ? null : earlier(checkpoints, target);
      Position from = before == null ? Position.START : before.position();
      try (InputStream in = input.open();
          RecordSource source =
              shape == Format.CSV ? new CsvSource(in, from, key) : new NdjsonSource(in, from, key);
          RejectFile rejects = RejectFile.open(rejected, before == null ? null : before.rejects());
          Progress progress = Progress.start(namespace, input.size(), source.bytesRead())) {
        Importer importer = new Importer(target, batch, rejects, checkpoints, progress);
        long begin = System.nanoTime();
        Tally tally = importer.run(source, input.name(), before);
        progress.close();
        report(tally, importer.read(), Duration.ofNanos(System.nanoTime() - begin));
        return tally.rejected() == 0 ? 0 : SOME_REJECTED;
      }
    }
  }

  /** Where an earlier run was stopped, if it is to be gone on with; otherwise it is forgotten. */
  private @Nullable Checkpoint earlier(Checkpoints checkpoints, Target target) {
    Optional<Checkpoint> found = restart ? Optional.empty() : checkpoints.find();
    if (found.isPresent() && target.has(found.get())) {
      say(
          String.format(
              Locale.ROOT,
              "going on behind line %,d, where an earlier run was stopped; --restart begins anew",
              found.get().position().line()));
      return found.get();
    }
    if (found.isPresent()) {
      say("what an earlier run stored in '" + namespace + "' is gone; beginning anew");
    }
    checkpoints.delete();
    return null;
  }

  private Format format(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".csv")) {
      return Format.CSV;
    }
    if (name.equals("-")
        || lower.endsWith(".ndjson")
        || lower.endsWith(".jsonl")
        || lower.endsWith(".json")) {
      return Format.NDJSON;
    }
    throw new ParameterException(
        spec.commandLine(),
        "the name of " + name + " does not tell the format: --format ndjson or csv");
  }

  private Howdah open() {
    String url = databaseUrl;
    String inSchema = schema;
    if (url == null || url.isBlank()) {
      String named = Variables.get("--http-port");
      String port = named == null ? Integer.toString(ServerSettings.HTTP_PORT) : named;
      RunningServer server =
          (port.matches("\\d{1,5}")
                  ? RunningServer.on(Integer.parseInt(port))
                  : Optional.<RunningServer>empty())
              .orElseThrow(() ->
                  new CommandFailure(
                      "which database? There is no 'howdah serve' with a Postgres of its own on port "
                          + port
                          + " of this machine; start one, or name the database with --database-url"));
      url = server.jdbcUrl();
      inSchema = inSchema == null ? server.schema() : inSchema;
      say("the database is " + url + ", that of the server at " + server.httpUrl());
    }
    return Howdah.builder(DatabaseUrl.parse(url).jdbcUrl())
        .schema(inSchema == null ? "howdah" : inSchema)
        .schemaMode(SchemaMode.VALIDATE)
        .callTimeout(CALL_TIMEOUT)
        .open();
  }

  /**
   * Registers the namespace where that is asked for; how durable it is. An existing one keeps its
   * settings.
   */
  private Durability register(Namespaces namespaces) {
    Optional<NamespaceSettings> known =
        namespaces.list().stream()
            .filter(listed -> listed.name().equals(namespace) && listed.isRegistered())
            .map(Namespaces.Namespace::settings)
            .findFirst();
    if (known.isPresent()) {
      NamespaceSettings settings = known.get();
      if ((durability != null && durability != settings.durability())
          || (searchable && !settings.searchable())) {
        throw new CommandFailure(
            "the namespace '"
                + namespace
                + "' is registered as "
                + settings.durability().sqlName()
                + (settings.searchable() ? ", searchable" : ", not searchable")
                + "; import without --durability and --searchable, or into another one");
      }
      return settings.durability();
    }
    if (durability == null && !searchable) {
      return Durability.EPHEMERAL;
    }
    Durability wanted = durability == null ? Durability.EPHEMERAL : durability;
    NamespaceSettings settings = NamespaceSettings.of(wanted);
    boolean unused = namespaces.create(namespace, searchable ? settings.asSearchable() : settings);
    return searchable && wanted == Durability.EPHEMERAL ? Durability.RELAXED : wanted;
  }

  private void report(Tally tally, long read, Duration took) {
    PrintWriter out = spec.commandLine().getOut();
    double seconds = Math.max(took.toMillis(), 1) / 1_000.0;
    out.printf(
        Locale.ROOT,
        "%s: %,d records, %,d stored, %,d rejected; %.1f s, %,.0f records/s%n",
        namespace,
        tally.stored() + tally.rejected(),
        tally.stored(),
        tally.rejected(),
        seconds,
        read / seconds);
    tally.reasons().forEach(reason -> out.println("  rejected " + reason));
    out.flush();
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("howdah: " + line);
    err.flush();
  }
}
