package io.howdah.bench.churn;

import io.howdah.Howdah;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.PostgresServer;
import io.howdah.stats.SweepStats;
import io.howdah.stats.TableStats;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Looks how large the tables of values are, and how much of that is alive. */
final class TableWatch implements AutoCloseable {

  private final Howdah howdah;
  private final List<String> tables;
  private final Connection connection;
  private final Map<String, Double> bytesPerRow = new HashMap<>();

  TableWatch(Howdah howdah, PostgresServer server, List<Durability> levels) throws SQLException {
    this.howdah = howdah;
    tables = levels.stream().map(PostgresServer::tableName).distinct().toList();
    connection = server.connect();
    try (Statement statement = connection.createStatement()) {
      // To count must not take both processors from those that are measured.
      statement.execute("SET max_parallel_workers_per_gather = 0");
    }
  }

  /** The tables are as large now as their live values are: no row has ended or changed yet. */
  void remember() throws SQLException {
    for (TableStats table : stats()) {
      bytesPerRow.put(table.name(), table.bytes() / (double) Math.max(1, liveRows(table.name())));
    }
  }

  List<TableSample> look() throws SQLException {
    List<TableSample> samples = new ArrayList<>();
    for (TableStats table : stats()) {
      long live = liveRows(table.name());
      samples.add(
          new TableSample(
              table.name(),
              table.bytes(),
              table.indexBytes(),
              live,
              Math.round(live * bytesPerRow.getOrDefault(table.name(), 0.0)),
              table.deadRows(),
              table.updates(),
              table.hotUpdates(),
              table
                  .sweep()
                  .map(SweepStats::backlog)
                  .map(each -> each.toMillis() / 1e3)
                  .orElse(0.0)));
    }
    return samples;
  }

  private List<TableStats> stats() {
    return howdah.stats().tables().stream().filter(each -> tables.contains(each.name())).toList();
  }

  private long liveRows(String table) throws SQLException {
    String sql =
        "SELECT count(*) FROM %s.%s WHERE expires_at > statement_timestamp()"
            .formatted(PostgresServer.HOWDAH_SCHEMA, table);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
