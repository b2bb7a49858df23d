package io.howdah.flag;

import io.howdah.InvalidArgumentException;
import io.howdah.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads subjects from JSON, as <code>_flag_context</code> of flag.sql does. */
final class SubjectJson {
  private static final Set<String> MEMBERS = Set.of("user_id", "groups", "attributes");

  private SubjectJson() {}

  static FlagSubject read(String json) {
    long size = JsonText.size("context", json);
    if (size > FlagLimits.CONTEXT_BYTES) {
      throw new InvalidArgumentException(
          "context",
          "context: at most " + FlagLimits.CONTEXT_BYTES + " bytes expected, got " + size);
    }
    JsonNode tree = FlagJson.tree("context", json);
    if (!tree.isObject()) {
      throw bad("context", "a JSON object expected");
    }
    Set<String> unknown = new TreeSet<>(tree.propertyNames());
    unknown.removeAll(MEMBERS);
    if (!unknown.isEmpty()) {
      throw bad(
          "context",
          "only user_id, groups, attributes expected, got "
              + FlagLimits.shortened(unknown.iterator().next()));
    }
    FlagSubject subject = user(tree.get("user_id")).inGroups(groups(tree.get("groups")));
    return withAttributes(subject, tree.get("attributes"));
  }

  private static FlagSubject user(@Nullable JsonNode id) {
    if (id == null || id.isNull()) {
      return FlagSubject.anonymous();
    }
    if (id.isString()) {
      return FlagSubject.user(id.stringValue());
    }
    if (id.isIntegralNumber()) {
      return FlagSubject.user(id.bigIntegerValue().toString());
    }
    throw bad("context.user_id", "a text or a whole number expected");
  }

  private static List<String> groups(@Nullable JsonNode groups) {
    List<String> all = new ArrayList<>();
    if (groups == null || groups.isNull()) {
      return all;
    }
    if (!groups.isArray()) {
      throw bad("context.groups", "an array expected");
    }
    for (JsonNode group : groups) {
      if (!group.isString()) {
        throw bad("context.groups[" + all.size() + "]", "a text expected");
      }
      all.add(group.stringValue());
    }
    return all;
  }

  private static FlagSubject withAttributes(FlagSubject subject, @Nullable JsonNode attributes) {
    if (attributes == null || attributes.isNull()) {
      return subject;
    }
    if (!attributes.isObject()) {
      throw bad("context.attributes", "a JSON object expected");
    }
    FlagSubject known = subject;
    for (Map.Entry<String, JsonNode> attribute : attributes.properties()) {
      String name = attribute.getKey();
      JsonNode value = attribute.getValue();
      if (value.isString()) {
        known = known.with(name, value.stringValue());
      } else if (value.isNumber()) {
        known = known.with(name, value.decimalValue());
      } else if (value.isBoolean()) {
        known = known.with(name, value.booleanValue());
      } else if (!value.isNull()) {
        throw bad("context.attributes", "texts, numbers, true or false expected in " + name);
      }
    }
    return known;
  }

  private static InvalidArgumentException bad(String argument, String message) {
    return new InvalidArgumentException(argument, argument + ": " + message);
  }
}
