package io.howdah.bench.ratelimit;

import static io.howdah.bench.measure.Profile.Family.POSTGRES;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.jdbc.PrimaryKeyMapper;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Bucket4j on Postgres by its own means, in each of the modes that these have. */
final class Bucket4jTarget implements RateLimitTarget {

  /** What keeps two calls on one bucket apart. */
  enum Mode {
    SELECT_FOR_UPDATE("bucket4j-select", "Bucket4j, SELECT FOR UPDATE") {
      @Override
      ProxyManager<String> manager(DataSource pool, String table) {
        return Bucket4jPostgreSQL.selectForUpdateBasedBuilder(pool)
            .primaryKeyMapper(PrimaryKeyMapper.STRING)
            .table(table)
            .build();
      }
    },
    ADVISORY_LOCK("bucket4j-advisory", "Bucket4j, advisory lock") {
      @Override
      ProxyManager<String> manager(DataSource pool, String table) {
        return Bucket4jPostgreSQL.advisoryLockBasedBuilder(pool)
            .primaryKeyMapper(PrimaryKeyMapper.STRING)
            .table(table)
            .build();
      }
    };

    private final String name;
    private final String label;

    Mode(String name, String label) {
      this.name = name;
      this.label = label;
    }

    abstract ProxyManager<String> manager(DataSource pool, String table);
  }

  private final PostgresServer server;
  private final Mode mode;
  private final int maxConnections;
  private final String table;
  private @Nullable Connected connected;

  /**
   * @param maxConnections the size of the pool, when there are at least as many threads
   */
  Bucket4jTarget(PostgresServer server, Mode mode, int maxConnections) {
    this.server = server;
    this.mode = mode;
    this.maxConnections = maxConnections;
    table = PostgresServer.SCHEMA + "." + mode.name.replace('-', '_');
  }

  @Override
  public Profile profile() {
    return new Profile(
        mode.name,
        mode.label,
        "Bucket4j on Postgres, an unlogged table of the columns that its manual gives, with text"
            + " keys; HikariCP with as many connections as threads but at most %d (prepareThreshold 1)"
                .formatted(maxConnections),
        POSTGRES,
        Durability.EPHEMERAL);
  }

  @Override
  public void create() throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE UNLOGGED TABLE %s (
            id text PRIMARY KEY,
            state bytea,
            expires_at bigint,
            explicit_lock bigint
          )\
          """
              .formatted(table));
    }
  }

  @Override
  public void open(int threads, Allowance allowance) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.jdbcUrl());
    config.setMaximumPoolSize(Math.min(threads, maxConnections));
    config.setPoolName(mode.name);
    // A statement is prepared on the server at its first use: nothing is planned twice.
    config.addDataSourceProperty("prepareThreshold", "1");
    HikariDataSource pool = new HikariDataSource(config);
    connected = new Connected(pool, mode.manager(pool, table), bucket(allowance));
  }

  static BucketConfiguration bucket(Allowance allowance) {
    return BucketConfiguration.builder()
        .addLimit(
            Bandwidth.builder()
                .capacity(allowance.calls())
                .refillGreedy(allowance.calls(), allowance.period())
                .build())
        .build();
  }

  @Override
  public boolean acquire(String key) {
    if (connected == null) {
      throw new IllegalStateException("not open");
    }
    return connected.manager.getProxy(key, connected::bucket).tryConsume(1);
  }

  @Override
  public void settle() throws SQLException {
    server.vacuum(table);
  }

  @Override
  public void close() {
    if (connected != null) {
      connected.pool.close();
      connected = null;
    }
  }

  private record Connected(
      HikariDataSource pool, ProxyManager<String> manager, BucketConfiguration bucket) {}
}
