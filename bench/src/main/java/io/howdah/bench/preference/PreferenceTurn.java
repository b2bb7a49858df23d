package io.howdah.bench.preference;

import io.howdah.bench.measure.CallByCall;
import io.howdah.bench.measure.CallRecorder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Asks one question, about users and keys of its own choice. */
final class PreferenceTurn implements CallByCall.Turn, AutoCloseable {
  /** The key that nobody sets, so that it is known who has which value. */
  private static final int FIXED_KEY = PreferenceSettings.KEYS - 1;

  private static final int PAGE = 100;

  private final Question question;
  private final int users;
  private final SplittableRandom random;
  private final PreparedStatement statement;

  PreferenceTurn(
      Connection connection, Storage storage, Question question, int users, String home, long seed)
      throws SQLException {
    this.question = question;
    this.users = users;
    random = new SplittableRandom(seed);
    statement = connection.prepareStatement(storage.sql(question, home));
  }

  @Override
  public void call(CallRecorder recorder) throws SQLException {
    int user = random.nextInt(users);
    int value = random.nextInt(PreferenceSettings.VALUES);
    boolean free = question.writes();
    int key =
        question == Question.FIND
            ? FIXED_KEY
            : random.nextInt(free ? FIXED_KEY : PreferenceSettings.KEYS);
    long startedAt = System.nanoTime();
    int index = 0;
    if (question != Question.FIND) {
      statement.setString(++index, "user-" + user);
    }
    if (question != Question.ALL) {
      statement.setString(++index, "key-" + key);
    }
    if (question == Question.FIND || question.writes()) {
      statement.setString(++index, "v" + value);
    }
    int rows = 0;
    @Nullable String last = null;
    if (statement.execute()) {
      try (ResultSet found = statement.getResultSet()) {
        while (found.next()) {
          rows++;
          last = found.getString(1);
        }
      }
    } else {
      rows = statement.getUpdateCount();
    }
    recorder.completed(startedAt, System.nanoTime());
    check(recorder, value, rows, last);
  }

  private void check(CallRecorder recorder, int value, int rows, @Nullable String last) {
    int expected =
        switch (question) {
          case ALL -> PreferenceSettings.KEYS;
          case FIND -> Math.min(PAGE, having(value));
          default -> 1;
        };
    if (rows != expected) {
      recorder.wrong(question.id() + ": " + expected + " rows expected, got " + rows);
    } else if (question == Question.GET
        && (last == null || !last.replace("\"", "").startsWith("v"))) {
      recorder.wrong("another value: " + last);
    }
  }

  /** How many users have this value under the key that nobody sets. */
  private int having(int value) {
    return (users - value + PreferenceSettings.VALUES - 1) / PreferenceSettings.VALUES;
  }

  @Override
  public void close() throws SQLException {
    statement.close();
  }
}
