package io.howdah.bench.session;

import static io.howdah.bench.measure.Profile.Family.POSTGRES;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.session.jdbc.JdbcIndexedSessionRepository;
import org.springframework.session.jdbc.PostgreSqlJdbcIndexedSessionRepositoryCustomizer;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring Session on Postgres, with its own tables, set up as its own configuration does it. */
public final class SpringJdbcTarget extends SpringTarget {

  private final PostgresServer server;
  private final Durability durability;
  private final int maxConnections;
  private final String table;

  /**
   * @param durability relaxed for commits that do not wait for the disk, durable for those that do
   * @param maxConnections the size of the pool, when there are at least as many threads
   */
  public SpringJdbcTarget(PostgresServer server, Durability durability, int maxConnections) {
    this.server = server;
    this.durability = durability;
    this.maxConnections = maxConnections;
    this.table = durability == Durability.RELAXED ? "spring_session_relaxed" : "spring_session";
  }

  @Override
  public Profile profile() {
    boolean relaxed = durability == Durability.RELAXED;
    return new Profile(
        relaxed ? "spring-jdbc-relaxed" : "spring-jdbc",
        "Spring Session JDBC" + (relaxed ? ", async commit" : ""),
        "JdbcIndexedSessionRepository with its own tables and its customizer for Postgres; synchronous_commit %s; HikariCP with as many connections as threads but at most %d (prepareThreshold 1); attributes by Java serialization"
            .formatted(relaxed ? "off" : "on", maxConnections),
        POSTGRES,
        durability);
  }

  @Override
  public void prepare() throws SQLException, IOException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute("SET search_path TO " + PostgresServer.SCHEMA);
      statement.execute(script().replace("SPRING_SESSION", table));
    }
  }

  /** The tables as Spring Session's own script makes them. */
  private static String script() throws IOException {
    try (InputStream in =
        JdbcIndexedSessionRepository.class.getResourceAsStream("schema-postgresql.sql")) {
      if (in == null) {
        throw new IOException("Spring Session has no schema-postgresql.sql");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  Connected connect(int threads) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.jdbcUrl());
    config.setMaximumPoolSize(Math.min(threads, maxConnections));
    config.setPoolName(profile().name());
    // A statement is prepared on the server at its first use: nothing is planned twice.
    config.addDataSourceProperty("prepareThreshold", "1");
    if (durability == Durability.RELAXED) {
      config.setConnectionInitSql("SET synchronous_commit = off");
    }
    HikariDataSource pool = new HikariDataSource(config);
    TransactionTemplate transactions = new TransactionTemplate(new JdbcTransactionManager(pool));
    transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    transactions.afterPropertiesSet();
    JdbcIndexedSessionRepository repository =
        new JdbcIndexedSessionRepository(new JdbcTemplate(pool), transactions);
    repository.setTableName(PostgresServer.SCHEMA + "." + table);
    repository.setDefaultMaxInactiveInterval(Duration.ofHours(24));
    new PostgreSqlJdbcIndexedSessionRepositoryCustomizer().customize(repository);
    return new Connected(repository, pool);
  }

  @Override
  public void settle() throws SQLException {
    server.vacuum(PostgresServer.SCHEMA + "." + table);
    server.vacuum(PostgresServer.SCHEMA + "." + table + "_attributes");
  }
}
