package io.howdah.bench.session;

import io.howdah.Howdah;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.PostgresServer;
import io.howdah.session.SessionSettings;
import java.sql.SQLException;
import java.time.Duration;

/**
 * How Howdah keeps sessions. Settings are one row a schema, so each style has a schema of its own.
 */
public enum HowdahStyle {
  DEFAULT("howdah", "Howdah", Durability.RELAXED, Duration.ofMinutes(1)),
  EACH("howdah-each", "Howdah, each touch written", Durability.RELAXED, Duration.ZERO),
  DURABLE("howdah-durable", "Howdah durable", Durability.DURABLE, Duration.ofMinutes(1));

  private final String id;
  private final String label;
  private final Durability durability;
  private final Duration touchInterval;

  HowdahStyle(String id, String label, Durability durability, Duration touchInterval) {
    this.id = id;
    this.label = label;
    this.durability = durability;
    this.touchInterval = touchInterval;
  }

  /** The name on the command line and in the JSON file. */
  String id() {
    return id;
  }

  String label() {
    return label;
  }

  Durability durability() {
    return durability;
  }

  /** How often a touch is written, in words. */
  String writing() {
    return touchInterval.isZero()
        ? "the use of a session is written down each time"
        : "the use of a session is written down once a minute";
  }

  private String schema() {
    return PostgresServer.HOWDAH_SCHEMA + "_" + id.replace('-', '_');
  }

  /** One instance with its default settings. */
  Howdah connect(PostgresServer server) {
    return Howdah.builder(server.jdbcUrl()).schema(schema()).open();
  }

  /** Makes the schema, and says in it how sessions are kept. */
  void prepare(PostgresServer server) {
    try (Howdah opened = connect(server)) {
      opened
          .sessions()
          .configure(
              SessionSettings.defaults()
                  .withDurability(io.howdah.Durability.valueOf(durability.name()))
                  .withTouchInterval(touchInterval)
                  .withIdle(Duration.ofHours(24)));
    }
  }

  void settle(PostgresServer server) throws SQLException {
    server.vacuum(schema() + ".session_durable");
  }
}
