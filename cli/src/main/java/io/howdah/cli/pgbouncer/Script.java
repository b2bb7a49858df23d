package io.howdah.cli.pgbouncer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The SQL beside these classes. */
final class Script {
  private Script() {}

  static String read(String name) {
    try (InputStream in = Script.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String identifier(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  static String literal(String text) {
    // An E string means the same whatever standard_conforming_strings is.
    return text.contains("\\")
        ? "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
        : "'" + text.replace("'", "''") + "'";
  }
}
