package io.howdah.bench.session;

import static io.howdah.bench.measure.Profile.Family.HOWDAH;

import io.howdah.Howdah;
import io.howdah.TypeRef;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import io.howdah.session.Session;
import io.howdah.session.SessionRequest;
import io.howdah.session.SessionSettings;
import io.howdah.session.Sessions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Howdah as a program uses it: one instance with its default settings, blocking calls. */
final class HowdahTarget implements SessionTarget {

  /** How sessions are kept. */
  enum Style {
    DEFAULT("howdah", "Howdah", Durability.RELAXED, Duration.ofMinutes(1)),
    EACH("howdah-each", "Howdah, each touch written", Durability.RELAXED, Duration.ZERO),
    DURABLE("howdah-durable", "Howdah durable", Durability.DURABLE, Duration.ofMinutes(1));

    private final String name;
    private final String label;
    private final Durability durability;
    private final Duration touchInterval;

    Style(String name, String label, Durability durability, Duration touchInterval) {
      this.name = name;
      this.label = label;
      this.durability = durability;
      this.touchInterval = touchInterval;
    }
  }

  private static final TypeRef<List<String>> TEXTS = new TypeRef<>() {};

  private final PostgresServer server;
  private final Style style;
  private final String schema;
  private @Nullable Howdah howdah;
  private @Nullable Sessions sessions;

  /** Settings are one row a schema, so each style has its own. */
  HowdahTarget(PostgresServer server, Style style) {
    this.server = server;
    this.style = style;
    this.schema = PostgresServer.HOWDAH_SCHEMA + "_" + style.name.replace('-', '_');
  }

  @Override
  public Profile profile() {
    return new Profile(
        style.name,
        style.label,
        "Postgres through Howdah's sessions, blocking calls; "
            + (style.touchInterval.isZero()
                ? "the use of a session is written down each time"
                : "the use of a session is written down once a minute")
            + "; attributes as JSON",
        HOWDAH,
        style.durability);
  }

  @Override
  public void prepare() {
    try (Howdah opened = connect()) {
      opened
          .sessions()
          .configure(
              SessionSettings.defaults()
                  .withDurability(io.howdah.Durability.valueOf(style.durability.name()))
                  .withTouchInterval(style.touchInterval)
                  .withIdle(Duration.ofHours(24)));
    }
  }

  private Howdah connect() {
    return Howdah.builder(server.jdbcUrl()).schema(schema).open();
  }

  @Override
  public void open(int threads) {
    Howdah opened = connect();
    howdah = opened;
    sessions = opened.sessions();
  }

  private Sessions sessions() {
    if (sessions == null) {
      throw new IllegalStateException("not open");
    }
    return sessions;
  }

  @Override
  public String create(int session, Attributes attributes) {
    SessionRequest request = SessionRequest.of(Attributes.user(session));
    for (Map.Entry<String, Object> attribute : attributes.of(session).entrySet()) {
      request = request.with(attribute.getKey(), attribute.getValue());
    }
    return sessions().create(request).token();
  }

  @Override
  public boolean request(int session, String id, int visits) {
    Optional<Session> found = sessions().touch(id);
    if (found.isEmpty()) {
      return false;
    }
    boolean right =
        Attributes.areOf(
            session,
            found.get().attribute(Attributes.USER, String.class).orElse(""),
            found.get().attribute(Attributes.ROLES, TEXTS).orElse(List.of()));
    return right && (visits == 0 || sessions().set(id, Attributes.VISITS, visits));
  }

  @Override
  public void settle() throws SQLException {
    server.vacuum(schema + ".session_durable");
  }

  @Override
  public void close() {
    if (howdah != null) {
      howdah.close();
      howdah = null;
      sessions = null;
    }
  }
}
