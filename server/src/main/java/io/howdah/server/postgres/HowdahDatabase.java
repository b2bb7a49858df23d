package io.howdah.server.postgres;

import io.howdah.server.StartupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The database of an embedded Postgres. What is below is all the SQL of the server: a database
 * cannot be made by a function.
 */
final class HowdahDatabase {
  static final String NAME = "howdah";

  /** Owns the database, and is no superuser. */
  static final String USER = "howdah";

  /** No such role, no such database. */
  private static final Set<String> MISSING = Set.of("28000", "3D000");

  private static final String DUPLICATE_ROLE = "42710";

  private HowdahDatabase() {}

  static String url(int port) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + NAME + "?user=" + USER;
  }

  /** Makes the user and the database where they are missing. */
  static void ensure(int port) {
    try (Connection there = connect(port, USER, NAME)) {
      return;
    } catch (SQLException e) {
      if (!MISSING.contains(String.valueOf(e.getSQLState()))) {
        throw new StartupException("cannot connect to the embedded Postgres: " + e.getMessage(), e);
      }
    }
    try (Connection superuser = connect(port, "postgres", "postgres");
        Statement statement = superuser.createStatement()) {
      createUser(statement);
      statement.execute("CREATE DATABASE " + NAME + " OWNER " + USER);
    } catch (SQLException e) {
      throw new StartupException("cannot make the database " + NAME + ": " + e.getMessage(), e);
    }
  }

  private static void createUser(Statement statement) throws SQLException {
    try {
      statement.execute("CREATE ROLE " + USER + " LOGIN");
    } catch (SQLException e) {
      if (!DUPLICATE_ROLE.equals(e.getSQLState())) {
        throw e;
      }
    }
  }

  private static Connection connect(int port, String user, String database) throws SQLException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setServerNames(new String[] {"127.0.0.1"});
    dataSource.setPortNumbers(new int[] {port});
    dataSource.setDatabaseName(database);
    dataSource.setUser(user);
    return dataSource.getConnection();
  }
}
