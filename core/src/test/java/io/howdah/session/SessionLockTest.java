package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Secret;
import io.howdah.session.SessionSettings.OnFull;
import io.howdah.testing.Eventually;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Statements that lock several sessions take them in one order. */
@Timeout(120)
class SessionLockTest extends SessionTest {
  private static byte[] hash(String token) {
    return Secret.hash("token", token);
  }

  private void insert(String token, String userId) {
    sql("SELECT $._session_create(?, ?, '{}', NULL, NULL, NULL, NULL, true)", hash(token), userId);
  }

  private int backend(Connection connection) throws SQLException {
    return Integer.parseInt(sql(connection, "SELECT pg_backend_pid()").get(0));
  }

  private void awaitBlocked(int backend) {
    Eventually.holds(
        "it waits for another",
        () -> sql("SELECT cardinality(pg_blocking_pids(?))", backend).equals(List.of("1")));
  }

  /**
   * A login locks the session that it gives to the user, and those of the user to end one of them;
   * a batch of attributes may have both.
   */
  @Test
  void loginAtTheBoundAndABatchOfOthersDoNotDeadlock() throws Exception {
    sessions.configure(defaults().withMaxPerUser(1, OnFull.EVICT));
    List<String> tokens =
        Stream.generate(Secret::make)
            .limit(3)
            .sorted(Comparator.comparing(token -> HexFormat.of().formatHex(hash(token))))
            .toList();
    insert(tokens.get(0), "ann");
    insert(tokens.get(1), "bob");
    insert(tokens.get(2), null);
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try (Connection holder = connect();
        Connection setter = connect();
        Connection login = connect()) {
      int setting = backend(setter);
      int loggingIn = backend(login);
      holder.setAutoCommit(false);
      assertThat(howdah.on(holder).sessions().set(tokens.get(1), "n", 0)).isTrue();
      Future<List<String>> set =
          executor.submit(() ->
              sql(
                  setter,
                  "SELECT * FROM $._session_batch_set(ARRAY[?, ?, ?]::bytea[], ARRAY['{\"n\": 1}', '{\"n\": 1}', '{\"n\": 1}'], NULL, true)",
                  hash(tokens.get(0)),
                  hash(tokens.get(1)),
                  hash(tokens.get(2))));
      awaitBlocked(setting);
      Future<List<String>> rotated =
          executor.submit(() ->
              sql(
                  login,
                  "SELECT $._session_rotate(?, ?, 'ann', true)",
                  hash(tokens.get(2)),
                  hash(Secret.make())));
      awaitBlocked(loggingIn);
      holder.commit();
      assertThat(set.get(30, TimeUnit.SECONDS)).containsExactlyInAnyOrder("1", "2", "3");
      assertThat(rotated.get(30, TimeUnit.SECONDS)).containsExactly("t");
    } finally {
      executor.shutdownNow();
    }
    assertThat(sessions.count("ann")).isEqualTo(1);
    assertThat(sessions.get(tokens.get(0))).isEmpty();
    assertThat(sessions.get(tokens.get(2))).isEmpty();
    assertThat(sql("SELECT data FROM $.session_list('ann')")).containsExactly("{\"n\": 1}");
  }
}
