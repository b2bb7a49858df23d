package io.howdah.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.howdah.Howdah;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

  /** A PgBouncer, by its path, through which the tests are to reach the server. */
  private static final String POOLER = System.getProperty("howdah.test.pooler", "");

  /** Whether Howdah is to know the way past it, where notifications come. */
  private static final boolean LISTENS = !Boolean.getBoolean("howdah.test.pooler.polling");

  private TestPostgres() {}

  /** The JDBC URL of the server's {@code postgres} database, with the user in it (a superuser). */
  public static String url() {
    String named = System.getenv(URL_VARIABLE);
    return named == null || named.isBlank() ? Own.URL : named;
  }

  /**
   * The same where Howdah is to reach it: through a pooler where the tests are run through one.
   * What tests do by themselves goes past it, since they leave settings on their connections.
   */
  public static String urlForHowdah() {
    return POOLER.isEmpty() ? url() : Pooled.URL;
  }

  /** A Howdah on that server, which listens past the pooler where there is one. */
  public static Howdah.Builder builder() {
    Howdah.Builder builder = Howdah.builder(urlForHowdah());
    return POOLER.isEmpty() || !LISTENS ? builder : builder.listenUrl(url());
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

  /** One for the whole JVM, with fewer connections to the server than it has clients. */
  private static final class Pooled {
    static final boolean PREPARES = prepares(Path.of(POOLER));
    static final String URL = urlAt(start().port()) + (PREPARES ? "&prepareThreshold=1" : "");

    private static boolean prepares(Path program) {
      try {
        Process asked = new ProcessBuilder(program.toString(), "--version").start();
        String answer = new String(asked.getInputStream().readAllBytes(), UTF_8);
        Matcher version = Pattern.compile("PgBouncer 1\\.(\\d+)").matcher(answer);
        if (!version.find()) {
          throw new IllegalStateException(program + " says " + answer);
        }
        return Integer.parseInt(version.group(1)) >= 21;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static TestPooler start() {
      try {
        Path folder = Files.createTempDirectory("howdah-pooler");
        TestPooler pooler =
            TestPooler.before(
                Path.of(POOLER),
                folder,
                port(),
                "default_pool_size = 20",
                "max_client_conn = 2000",
                PREPARES ? "max_prepared_statements = 200" : "");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(pooler, folder)));
        return pooler;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void stop(TestPooler pooler, Path folder) {
      pooler.close();
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
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
