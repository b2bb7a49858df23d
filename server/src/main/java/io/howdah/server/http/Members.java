package io.howdah.server.http;

import io.howdah.Durability;
import io.howdah.InvalidArgumentException;
import io.howdah.server.DurationText;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the members of a request's JSON object; what is wrong with one names it. */
final class Members {
  private Members() {}

  static boolean isSet(ObjectNode body, String member) {
    return body.hasNonNull(member);
  }

  /** Null when it is not set. */
  static @Nullable String textOrNull(ObjectNode body, String member) {
    return isSet(body, member) ? text(body, member) : null;
  }

  static String text(ObjectNode body, String member) {
    JsonNode node = body.path(member);
    if (!node.isString()) {
      throw new InvalidArgumentException(member, member + ": a string expected");
    }
    return node.stringValue();
  }

  static boolean flag(ObjectNode body, String member) {
    JsonNode node = body.path(member);
    if (!node.isMissingNode() && !node.isBoolean()) {
      throw new InvalidArgumentException(member, member + ": true or false expected");
    }
    return node.isBoolean() && node.booleanValue();
  }

  /** Null when it is not set. */
  static @Nullable Long count(ObjectNode body, String member) {
    if (!isSet(body, member)) {
      return null;
    }
    JsonNode node = body.path(member);
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 1) {
      throw new InvalidArgumentException(member, member + ": a positive integer expected");
    }
    return node.longValue();
  }

  /** Any JSON, as its text; null when it is not there. */
  static @Nullable String json(ObjectNode body, String member) {
    JsonNode node = body.path(member);
    return node.isMissingNode() ? null : node.toString();
  }

  static long required(ObjectNode body, String member) {
    Long count = count(body, member);
    if (count == null) {
      throw new InvalidArgumentException(member, member + ": a positive integer expected");
    }
    return count;
  }

  /** Null when it is not set. */
  static @Nullable Duration durationOrNull(ObjectNode body, String member) {
    return isSet(body, member) ? duration(body, member) : null;
  }

  static Duration duration(ObjectNode body, String member) {
    return DurationText.parse(member, text(body, member));
  }

  static Durability durability(String name) {
    try {
      return Durability.ofSqlName(name);
    } catch (IllegalArgumentException e) {
      throw new InvalidArgumentException(
          "durability",
          "durability: ephemeral, relaxed or durable expected, got '" + name + "'",
          e);
    }
  }
}
