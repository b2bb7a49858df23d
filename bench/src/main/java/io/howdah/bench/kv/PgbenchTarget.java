package io.howdah.bench.kv;

import static io.howdah.bench.measure.Profile.Family.POSTGRES;

import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.pgbench.Pgbench;
import io.howdah.bench.server.PgBouncerServer;
import io.howdah.bench.server.PostgresServer;
import io.howdah.bench.server.Program;
import io.howdah.bench.server.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * The yardstick: what Postgres's own program gets out of the same statements on the same table. Its
 * clients are events in C, not threads in Java, and check no answer.
 */
final class PgbenchTarget implements KvTarget {

  private static final String INDEX = ":i";

  /** Each run has new sessions, which must learn the tables. */
  private static final int WARM_UP_SECONDS = 1;

  private final Pgbench pgbench;
  private final Path folder;
  private final PlainTable table;
  private final Profile profile;
  private final String protocol;

  /** How many connections it has, when there are at least as many threads. */
  private final int mostClients;

  private PgbenchTarget(
      Pgbench pgbench,
      Path folder,
      PlainTable table,
      Profile profile,
      String protocol,
      int mostClients) {
    this.pgbench = pgbench;
    this.folder = folder;
    this.table = table;
    this.profile = profile;
    this.protocol = protocol;
    this.mostClients = mostClients;
  }

  /** With as many connections as a pool of JDBC has. */
  static PgbenchTarget direct(Servers servers, Durability durability, int connections)
      throws IOException, SQLException {
    PostgresServer server = servers.postgres();
    PlainTable table = new PlainTable(server, durability, Variant.STANDARD);
    String level =
        switch (durability) {
          case EPHEMERAL -> "unlogged";
          case RELAXED -> "logged, async commit";
          case DURABLE -> "logged";
        };
    Profile profile =
        new Profile(
            durability == Durability.EPHEMERAL
                ? "pgbench"
                : "pgbench-"
                    + (durability == Durability.DURABLE
                        ? "logged"
                        : durability.name().toLowerCase(Locale.ROOT)),
            "Postgres " + level + ", pgbench",
            "pgbench with as many connections as threads but at most %d, %s; the statements that JDBC sends, prepared"
                .formatted(connections, table.description()),
            POSTGRES,
            durability);
    return new PgbenchTarget(
        Pgbench.withoutTables(
            servers.program(Program.PGBENCH),
            server.jdbcUrl(),
            durability == Durability.RELAXED ? "-c synchronous_commit=off" : "",
            servers.folder()),
        servers.folder(),
        table,
        profile,
        "prepared",
        connections);
  }

  /** With a connection to PgBouncer for each thread. */
  static PgbenchTarget throughPgBouncer(Servers servers)
      throws IOException, SQLException, InterruptedException {
    PgBouncerServer pooler = servers.pgBouncer();
    PlainTable table = new PlainTable(servers.postgres(), Durability.EPHEMERAL, Variant.STANDARD);
    Profile profile =
        new Profile(
            "pgbench-pgbouncer",
            "Postgres unlogged, PgBouncer, pgbench",
            "pgbench with as many connections to PgBouncer as threads, %s; the statements that JDBC sends, %s"
                .formatted(table.description(), pooler.prepares() ? "prepared" : "not prepared"),
            POSTGRES,
            Durability.EPHEMERAL);
    return new PgbenchTarget(
        Pgbench.withoutTables(
            servers.program(Program.PGBENCH), pooler.jdbcUrl(), "", servers.folder()),
        servers.folder(),
        table,
        profile,
        pooler.prepares() ? "prepared" : "extended",
        Integer.MAX_VALUE);
  }

  @Override
  public Profile profile() {
    return profile;
  }

  @Override
  public boolean supports(Workload workload) {
    return !workload.mixes();
  }

  @Override
  public int callers(int threads) {
    return 1;
  }

  @Override
  public void open(int threads) {
    // Each round is a process of its own, which connects before it counts.
  }

  @Override
  public void load(Dataset dataset, LoadWatch watch) throws SQLException {
    table.load(dataset, watch);
  }

  /** One round: a run of the program, of which the last whole seconds count, at least one. */
  CallLoop loop(Workload workload, Dataset dataset, int threads) {
    return recorder -> {
      double length = recorder.timeLeft().toNanos() / 1e9;
      int seconds = Math.max(1, (int) Math.round(length));
      Path script = Files.createTempFile(folder, profile.name(), ".sql");
      Files.writeString(script, script(workload, dataset));
      Histogram nanos =
          pgbench.script(
              script, protocol, Math.min(threads, mostClients), WARM_UP_SECONDS, seconds);
      Files.delete(script);
      recorder.counted(Math.round(nanos.getTotalCount() * length / seconds), nanos);
    };
  }

  private String script(Workload workload, Dataset dataset) {
    int most = (workload == Workload.INCREMENT ? Dataset.COUNTERS : dataset.size()) - 1;
    String statement =
        switch (workload) {
          case GET -> table.getSql(Dataset.keySql(INDEX));
          case INCREMENT -> table.incrementSql(Dataset.counterSql(INDEX));
          default -> {
            String key = Dataset.keySql(INDEX);
            yield table.setSql(key, "(" + dataset.valueSql(key, 1) + ")");
          }
        };
    return "\\set i random(0, %d)\n%s;\n".formatted(most, statement);
  }

  @Override
  public void settle() throws SQLException {
    table.settle();
  }

  @Override
  public void close() {
    // Nothing is open between rounds.
  }
}
