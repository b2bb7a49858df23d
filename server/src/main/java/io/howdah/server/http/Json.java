package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of requests and answers other than stored values. */
final class Json {
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          // A part of a body may be data that are to be stored: numbers stay as they are.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Json() {}

  /**
   * The object that a body is.
   *
   * @param known the members that it may have
   * @throws InvalidArgumentException naming the body or a member, when it is no object or has
   *     others
   */
  static ObjectNode readObject(String body, Set<String> known) {
    JsonNode node;
    try {
      node = MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw new InvalidArgumentException(
          "body", "body: malformed JSON: " + e.getOriginalMessage(), e);
    }
    if (!(node instanceof ObjectNode object)) {
      throw new InvalidArgumentException("body", "body: a JSON object expected");
    }
    refuseOthers(object, known);
    return object;
  }

  /**
   * Refuses members that are not known.
   *
   * @throws InvalidArgumentException naming the first of them
   */
  static void refuseOthers(ObjectNode object, Set<String> known) {
    for (String name : object.propertyNames()) {
      if (!known.contains(name)) {
        throw new InvalidArgumentException(
            name,
            name
                + ": no such member; there are: "
                + String.join(", ", known.stream().sorted().toList()));
      }
    }
  }

  static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsString(node).getBytes(StandardCharsets.UTF_8);
  }
}
