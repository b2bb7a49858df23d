package io.howdah.server.postgres;

import io.howdah.server.DatabaseUrl;
import io.howdah.server.StartupException;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Asks a database for its version: the first connection of a start, so it also tells whether there
 * is one.
 */
public final class PostgresVersion {
  private static final int TIMEOUT_SECONDS = 15;

  private PostgresVersion() {}

  /**
   * Such as {@code 18.1}.
   *
   * @throws StartupException when the database cannot be reached
   */
  public static String of(DatabaseUrl url) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(url.jdbcUrl());
    dataSource.setLoginTimeout(TIMEOUT_SECONDS);
    try (Connection connection = dataSource.getConnection()) {
      return connection.getMetaData().getDatabaseProductVersion();
    } catch (SQLException e) {
      throw new StartupException(
          "cannot connect to Postgres: " + e.getMessage() + " The database: " + url.masked(), e);
    }
  }
}
