package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The parameters behind the question mark. An unknown one is refused: a mistyped ttl must not store
 * a value for ever.
 */
final class QueryParameters {
  private final Map<String, String> values;

  private QueryParameters(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Those of a request.
   *
   * @throws InvalidArgumentException naming one that is unknown, twice there, or malformed
   */
  static QueryParameters of(Context ctx, String... known) {
    Map<String, String> values = new LinkedHashMap<>();
    String query = ctx.req().getQueryString();
    for (String part : query == null ? new String[0] : query.split("&")) {
      if (part.isEmpty()) {
        continue;
      }
      int equals = part.indexOf('=');
      String name =
          PercentDecoding.query("parameter", equals < 0 ? part : part.substring(0, equals));
      if (!List.of(known).contains(name)) {
        throw new InvalidArgumentException(
            name,
            name
                + ": no such parameter here"
                + (known.length == 0 ? "" : "; there are: " + String.join(", ", known)));
      }
      if (values.put(
              name, equals < 0 ? "" : PercentDecoding.query(name, part.substring(equals + 1)))
          != null) {
        throw new InvalidArgumentException(name, name + ": given twice");
      }
    }
    return new QueryParameters(values);
  }

  /** For requests that take none. */
  static void refuseAll(Context ctx) {
    QueryParameters unused = of(ctx);
  }

  Optional<String> get(String name) {
    return Optional.ofNullable(values.get(name));
  }

  String get(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  /** A number from 1 to {@code most}. */
  int count(String name, int otherwise, int most) {
    String text = values.get(name);
    if (text == null) {
      return otherwise;
    }
    if (!text.matches("\\d{1,9}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > most) {
      throw new InvalidArgumentException(
          name, name + ": 1 to " + most + " expected, got '" + text + "'");
    }
    return Integer.parseInt(text);
  }
}
