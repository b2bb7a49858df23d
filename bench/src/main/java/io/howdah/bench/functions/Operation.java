package io.howdah.bench.functions;

import io.howdah.bench.kv.Dataset;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a batch does with its keys, and how its answer is read and checked. */
public enum Operation {
  /** Answers with a row for each key: its place in the batch, the value, the bytes, the version. */
  GET {
    @Override
    void read(ResultSet rows, @Nullable String[] answers) throws SQLException {
      while (rows.next()) {
        int place = rows.getInt(1) - 1;
        String json = rows.getString(2);
        byte[] bytes = json == null ? rows.getBytes(3) : null;
        long version = rows.getLong(4);
        answers[place] = bytes == null && version > 0 ? json : null;
      }
    }

    @Override
    @Nullable String problem(Dataset dataset, int index, @Nullable String answer) {
      return answer != null && dataset.isValue(index, answer)
          ? null
          : "another value for " + dataset.key(index) + ": " + answer;
    }
  },

  /** Answers with a version for each key. */
  SET {
    @Override
    void read(ResultSet rows, @Nullable String[] answers) throws SQLException {
      for (int i = 0; rows.next(); i++) {
        answers[i] = rows.getLong(1) > 0 ? "set" : null;
      }
    }

    @Override
    @Nullable String problem(Dataset dataset, int index, @Nullable String answer) {
      return answer == null ? "no version for " + dataset.key(index) : null;
    }
  };

  /** The name on the command line and in the JSON file. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  abstract void read(ResultSet rows, @Nullable String[] answers) throws SQLException;

  abstract @Nullable String problem(Dataset dataset, int index, @Nullable String answer);
}
