package io.howdah.session;

import io.howdah.testing.HowdahTest;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** Sessions in a schema of the test class's own, with the default settings before each test. */
abstract class SessionTest extends HowdahTest {
  Sessions sessions;

  @BeforeEach
  final void reset() {
    sessions = howdah.sessions();
    sessions.configure(SessionSettings.defaults());
    execute(
        "DELETE FROM $.session_durable; DELETE FROM $.session_ephemeral; DELETE FROM $.session_event");
  }

  /** Makes all sessions as old as if this many seconds had passed. */
  final void age(int seconds) {
    String older =
        " SET created_at = created_at - i, last_accessed_at = last_accessed_at - i, expires_at = expires_at - i,"
            + " ends_at = ends_at - i FROM (SELECT ? * interval '1 s' AS i) AS x";
    execute(
        "UPDATE $.session_durable" + older + "; UPDATE $.session_ephemeral" + older,
        seconds,
        seconds);
  }

  final void execute(String sql, Object... args) {
    List<String> none = sql(sql, args);
    assert none.isEmpty();
  }

  final SessionSettings defaults() {
    return SessionSettings.defaults();
  }
}
