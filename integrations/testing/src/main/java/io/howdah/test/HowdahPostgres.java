package io.howdah.test;

import io.howdah.Howdah;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A database on a Postgres for tests: an embedded one, one in a container, or one that is there
 * already. Thread-safe.
 */
public final class HowdahPostgres implements AutoCloseable {
  /** Names the database of {@link #shared}: a JDBC URL with the user in it. */
  public static final String URL_PROPERTY = "howdah.test.url";

  /** As {@link #URL_PROPERTY}, where that is not set: an environment variable. */
  public static final String URL_VARIABLE = "HOWDAH_TEST_URL";

  /** A first start on a busy machine takes long. */
  private static final Duration START = Duration.ofMinutes(1);

  /** Test classes may run at a time, each with the connections of its own Howdah. */
  private static final String MOST_CONNECTIONS = "300";

  private final PGSimpleDataSource database;
  private final Runnable end;
  private final AtomicBoolean closed = new AtomicBoolean();

  private HowdahPostgres(PGSimpleDataSource database, Runnable end) {
    this.database = database;
    this.end = end;
  }

  private static final class Shared {
    static final HowdahPostgres INSTANCE = named() == null ? embedded() : at(named());

    private static @Nullable String named() {
      String property = System.getProperty(URL_PROPERTY);
      String named = property == null ? System.getenv(URL_VARIABLE) : property;
      return named == null || named.isBlank() ? null : named;
    }
  }

  /**
   * The one of this JVM: at {@value #URL_PROPERTY} or {@value #URL_VARIABLE} where one of them is
   * set, and otherwise embedded, started at the first call and stopped when the JVM ends. To close
   * it does nothing.
   */
  public static HowdahPostgres shared() {
    return new HowdahPostgres(Shared.INSTANCE.database, () -> {});
  }

  /**
   * Starts an embedded Postgres; also as root. It ends when it is closed, or with this JVM. It does
   * not wait for the disk, so that tests are quick.
   */
  public static HowdahPostgres embedded() {
    try {
      EmbeddedPostgres postgres =
          EmbeddedPostgres.builder()
              .setPGStartupWait(START)
              .setServerConfig("max_connections", MOST_CONNECTIONS)
              .start();
      return new HowdahPostgres(
          dataSource(postgres.getJdbcUrl("postgres", "postgres"), null, null),
          () -> stop(postgres));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void stop(EmbeddedPostgres postgres) {
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The database at a JDBC URL, with the user in it. To close it does nothing.
   *
   * @throws io.howdah.InvalidArgumentException when the URL is none
   */
  public static HowdahPostgres at(String jdbcUrl) {
    return new HowdahPostgres(dataSource(jdbcUrl, null, null), () -> {});
  }

  /** {@link #at(String)} with the user beside it. */
  public static HowdahPostgres at(String jdbcUrl, String user, String password) {
    return new HowdahPostgres(dataSource(jdbcUrl, user, password), () -> {});
  }

  private static PGSimpleDataSource dataSource(
      String jdbcUrl, @Nullable String user, @Nullable String password) {
    // It says in which form a URL is expected, and does not repeat the one that it got.
    var unused = Howdah.builder(jdbcUrl);
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(jdbcUrl);
    if (user != null) {
      dataSource.setUser(user);
    }
    if (password != null) {
      dataSource.setPassword(password);
    }
    return dataSource;
  }

  /** Opens a new connection at every call: no pool. */
  public DataSource dataSource() {
    return database;
  }

  /** Its JDBC URL, without user and password. */
  public String jdbcUrl() {
    return database.getURL();
  }

  /** The user; null where the driver's default is meant. */
  public @Nullable String user() {
    return database.getUser();
  }

  /** The password; null where there is none. */
  public @Nullable String password() {
    return database.getPassword();
  }

  /**
   * A new database on the same server, as the same user, who needs the right to make one. It is
   * dropped when it is closed, whoever is connected to it.
   *
   * @throws IllegalStateException when it cannot be made
   */
  public HowdahPostgres newDatabase() {
    String name = "howdah_" + UUID.randomUUID().toString().replace("-", "");
    execute("CREATE DATABASE " + name);
    PGSimpleDataSource next = dataSource(jdbcUrl(), user(), password());
    next.setDatabaseName(name);
    return new HowdahPostgres(
        next, () -> execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"));
  }

  /**
   * The name of a schema that nobody else uses, which tells the test class. It is the caller's to
   * make, and to {@link #drop}.
   */
  static String newSchema(Class<?> testClass) {
    String name = testClass.getSimpleName().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
    return "t_"
        + name.substring(0, Math.min(name.length(), 30))
        + "_"
        + UUID.randomUUID().toString().substring(0, 8);
  }

  void drop(String schema) {
    execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
  }

  private void execute(String sql) {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  /** Stops what was started for it, and drops what was made. The second time it does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      end.run();
    }
  }

  @Override
  public String toString() {
    return "HowdahPostgres[" + database.getDatabaseName() + "]";
  }
}
