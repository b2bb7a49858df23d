package io.howdah.engine;

import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

/**
 * Binds two columns of texts as two texts, each joined by a character that none of them contains,
 * and that character. SQL takes them apart with {@code string_to_table}: unlike an array, whose
 * length its estimate depends on, that does not make Postgres plan anew.
 */
public final class JoinedTexts {
  private JoinedTexts() {}

  public static <T> void bind(
      List<T> rows, Function<T, String> first, Function<T, String> second, SqlArguments to)
      throws SQLException {
    String separator = separator(rows, first, second);
    StringBuilder firsts = new StringBuilder(rows.size() * 16);
    StringBuilder seconds = new StringBuilder(rows.size() * 24);
    for (int i = 0; i < rows.size(); i++) {
      if (i > 0) {
        firsts.append(separator);
        seconds.append(separator);
      }
      firsts.append(first.apply(rows.get(i)));
      seconds.append(second.apply(rows.get(i)));
    }
    to.text(firsts.toString()).text(seconds.toString()).text(separator);
  }

  /** There is one: a statement has fewer characters in all its texts than Unicode has. */
  private static <T> String separator(
      List<T> rows, Function<T, String> first, Function<T, String> second) {
    for (int candidate = 1; ; candidate++) {
      String separator = Character.toString(candidate);
      boolean free =
          !Character.isBmpCodePoint(candidate) || !Character.isSurrogate((char) candidate);
      for (int i = 0; free && i < rows.size(); i++) {
        free =
            !second.apply(rows.get(i)).contains(separator)
                && !first.apply(rows.get(i)).contains(separator);
      }
      if (free) {
        return separator;
      }
    }
  }
}
