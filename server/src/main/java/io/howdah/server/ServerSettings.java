package io.howdah.server;

import io.howdah.Howdah;
import io.howdah.InvalidArgumentException;
import io.howdah.schema.Migrator;
import io.howdah.schema.SchemaMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the server is started with.
 *
 * @param http where it listens
 * @param database which Postgres it works on
 * @param library how it opens Howdah
 */
public record ServerSettings(Http http, Database database, Library library) {

  /** The port of HTTP where none is named. */
  public static final int HTTP_PORT = 8080;

  /**
   * Where the server listens: a loopback address, for now.
   *
   * @param host {@code 127.0.0.1}, {@code localhost} (the same) or {@code ::1}
   * @param port 0 for any free one
   */
  public record Http(String host, int port) {
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "::1");

    public Http {
      String name = host.strip().toLowerCase(Locale.ROOT);
      host = name.equals("localhost") ? "127.0.0.1" : name.equals("[::1]") ? "::1" : name;
      if (!LOOPBACK.contains(host)) {
        throw new InvalidArgumentException(
            "http-host",
            "http-host: 127.0.0.1, localhost or ::1 expected, got '"
                + host
                + "'; the server has no access control yet, so it listens on loopback only");
      }
      if (port < 0 || port > 65_535) {
        throw new InvalidArgumentException(
            "http-port", "http-port: 0 to 65535 expected, got " + port);
      }
    }
  }

  /** Which Postgres the server works on. */
  public sealed interface Database {
    /**
     * One that the server starts and stops.
     *
     * @param data the folder of the data; null for a temporary one, which is deleted at the end
     * @param port 0 for any free one
     */
    record Embedded(@Nullable Path data, int port) implements Database {
      public Embedded {
        if (port < 0 || port > 65_535) {
          throw new InvalidArgumentException(
              "postgres-port", "postgres-port: 0 to 65535 expected, got " + port);
        }
      }
    }

    /** One that runs already. */
    record External(DatabaseUrl url) implements Database {}
  }

  /**
   * How the server opens Howdah.
   *
   * @param schema the schema in the database
   * @param schemaMode what is done about it at the start
   * @param lanes connections of the engine; null for the library's default
   * @param callTimeout the deadline of a call
   */
  public record Library(
      String schema, SchemaMode schemaMode, @Nullable Integer lanes, Duration callTimeout) {
    public Library {
      schema = Migrator.checkName(schema);
      // The library's own limits, looked at before anything is started.
      Howdah.Builder unused =
          builder("jdbc:postgresql:unused", schema, schemaMode, lanes, callTimeout);
    }

    /** A library that is to be opened so, on a database. */
    Howdah.Builder builder(DatabaseUrl url) {
      return builder(url.jdbcUrl(), schema, schemaMode, lanes, callTimeout);
    }

    private static Howdah.Builder builder(
        String url,
        String schema,
        SchemaMode schemaMode,
        @Nullable Integer lanes,
        Duration callTimeout) {
      Howdah.Builder builder =
          Howdah.builder(url).schema(schema).schemaMode(schemaMode).callTimeout(callTimeout);
      return lanes == null ? builder : builder.lanes(lanes);
    }

    /** The defaults of the library. */
    public static Library defaults() {
      return new Library("howdah", SchemaMode.MIGRATE, null, Duration.ofSeconds(5));
    }
  }
}
