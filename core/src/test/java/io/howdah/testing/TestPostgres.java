package io.howdah.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.UUID;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The Postgres that tests run against: the server that {@code HOWDAH_TEST_POSTGRES_URL} names, or
 * else one that is started once per JVM and stopped with it. Its binaries are those that {@code
 * HOWDAH_TEST_POSTGRES_BIN} names, or else the embedded ones. Two JVMs at a time do not share it:
 * an old snapshot of one would hold up the other, in vacuum, in HOT updates, and in retained
 * channels.
 */
public final class TestPostgres {
  private static final String URL_VARIABLE = "HOWDAH_TEST_POSTGRES_URL";

  private TestPostgres() {}

  /** The JDBC URL of the server's {@code postgres} database, with the user in it (a superuser). */
  public static String url() {
    String named = System.getenv(URL_VARIABLE);
    return named == null || named.isBlank() ? Own.URL : named;
  }

  public static int port() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(url());
    return dataSource.getPortNumbers()[0];
  }

  /** The same server and user, reached at another port of this machine. */
  public static String urlAt(int port) {
    return url().replaceFirst(":" + port() + "/", ":" + port + "/");
  }

  /** Opens a new connection at every call: no pool. */
  public static DataSource dataSource() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(url());
    return dataSource;
  }

  /**
   * A schema name that nobody else uses on this server, needs no quotes, and tells the test class.
   * The schema itself is the caller's to create.
   */
  public static String freshSchema(Class<?> testClass) {
    String name = testClass.getSimpleName().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    String shortened = name.substring(0, Math.min(name.length(), 30));
    return "t_" + shortened + "_" + UUID.randomUUID().toString().substring(0, 8);
  }

  private static final class Own {
    static final String URL =
        PrivatePostgres.binariesAreNamed()
            ? PrivatePostgres.create("fsync = on", "max_connections = 300").url()
            : embedded();

    /** As applications run it: crash-safe, unlike its own library's defaults. */
    private static String embedded() {
      try {
        EmbeddedPostgres postgres =
            EmbeddedPostgres.builder()
                .setPGStartupWait(PrivatePostgres.PATIENCE)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("max_connections", "300")
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(postgres)));
        return postgres.getJdbcUrl("postgres", "postgres");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void close(EmbeddedPostgres postgres) {
      try {
        postgres.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
