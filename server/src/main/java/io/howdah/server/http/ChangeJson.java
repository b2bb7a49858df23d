package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Who changed a flag or a configuration value, when, why, and what it was before and after. */
final class ChangeJson {
  private ChangeJson() {}

  static void add(
      ArrayNode changes,
      long revision,
      Instant changedAt,
      String changedBy,
      Optional<String> reason,
      Optional<String> before,
      Optional<String> after) {
    ObjectNode shown =
        changes
            .addObject()
            .put("revision", revision)
            .put("changedAt", changedAt.toString())
            .put("changedBy", changedBy)
            .put("reason", reason.orElse(null));
    raw(shown, "before", before);
    raw(shown, "after", after);
  }

  /** An answer, unless there has never been a change. */
  static void answer(Context ctx, ObjectNode answer, ArrayNode changes, Problem absent) {
    if (changes.isEmpty()) {
      throw absent;
    }
    Answers.json(ctx, answer);
  }

  /** Who makes a change that has no body. */
  static String changedBy(QueryParameters parameters) {
    return parameters
        .get("changedBy")
        .orElseThrow(() ->
            new InvalidArgumentException(
                "changedBy", "changedBy: who makes the change expected, as a parameter"));
  }

  private static void raw(ObjectNode node, String member, Optional<String> json) {
    json.ifPresentOrElse(
        text -> node.putRawValue(member, Answers.raw(text)), () -> node.putNull(member));
  }
}
