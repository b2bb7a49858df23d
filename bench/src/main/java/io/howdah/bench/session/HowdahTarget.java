package io.howdah.bench.session;

import static io.howdah.bench.measure.Profile.Family.HOWDAH;

import io.howdah.Howdah;
import io.howdah.TypeRef;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import io.howdah.session.Session;
import io.howdah.session.SessionRequest;
import io.howdah.session.Sessions;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Howdah as a program uses it: one instance with its default settings, blocking calls. */
final class HowdahTarget implements SessionTarget {

  private static final TypeRef<List<String>> TEXTS = new TypeRef<>() {};

  private final PostgresServer server;
  private final HowdahStyle style;
  private @Nullable Howdah howdah;
  private @Nullable Sessions sessions;

  HowdahTarget(PostgresServer server, HowdahStyle style) {
    this.server = server;
    this.style = style;
  }

  @Override
  public Profile profile() {
    return new Profile(
        style.id(),
        style.label(),
        "Postgres through Howdah's sessions, blocking calls; "
            + style.writing()
            + "; attributes as JSON",
        HOWDAH,
        style.durability());
  }

  @Override
  public void prepare() {
    style.prepare(server);
  }

  @Override
  public void open(int threads) {
    Howdah opened = style.connect(server);
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
    style.settle(server);
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
