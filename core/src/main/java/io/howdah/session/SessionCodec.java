package io.howdah.session;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.JsonText;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Makes JSON of attributes, and attributes of JSON. */
final class SessionCodec {
  private static final Logger LOG = LoggerFactory.getLogger(SessionCodec.class);
  private static final int DATA_BYTES = 1 << 20;

  private final ObjectMapper mapper;
  private final Consumer<UndecodableAttribute> undecodable;

  SessionCodec(ObjectMapper mapper, Consumer<UndecodableAttribute> undecodable) {
    this.mapper = mapper;
    this.undecodable = undecodable;
  }

  SessionCodec reportingTo(Consumer<UndecodableAttribute> listener) {
    return new SessionCodec(mapper, listener);
  }

  Session session(SessionRow row) {
    return new Session(row, this);
  }

  /** All attributes that a session is created with, as a JSON object. */
  String data(SessionRequest request) {
    String json = request.json();
    if (request.attributes().isEmpty()) {
      return json == null ? "{}" : object("data", json);
    }
    if (json == null) {
      return object("attributes", write(request.attributes()));
    }
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    tree(object("data", json))
        .properties()
        .forEach(member -> all.put(member.getKey(), member.getValue()));
    all.putAll(request.attributes());
    return object("attributes", write(all));
  }

  /** What is to be set, by its name; null removes. */
  String patch(Map<String, ? extends @Nullable Object> changes) {
    return object("changes", write(changes));
  }

  private String write(Map<String, ? extends @Nullable Object> attributes) {
    try {
      return mapper.writeValueAsString(attributes);
    } catch (JacksonException e) {
      throw new HowdahException(
          ErrorCode.CODEC, "cannot write the attributes as JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The text, if it is a JSON object that Postgres stores. */
  static String object(String argument, @Nullable String json) {
    if (json == null) {
      throw new InvalidArgumentException(argument, argument + ": a JSON object expected, got null");
    }
    long size = JsonText.size(argument, json);
    if (json.stripLeading().charAt(0) != '{') {
      throw new InvalidArgumentException(
          argument, argument + ": a JSON object expected, got another JSON value");
    }
    if (size > DATA_BYTES) {
      throw new InvalidArgumentException(
          argument, argument + ": at most " + DATA_BYTES + " bytes expected, got " + size);
    }
    return json;
  }

  /** A JSON object as a tree. */
  JsonNode tree(String json) {
    return mapper.readTree(json);
  }

  @Nullable Object decode(JsonNode node, Type type) {
    return mapper.treeToValue(node, mapper.constructType(type));
  }

  /** Whatever a listener does, the request goes on. */
  void report(UndecodableAttribute attribute) {
    try {
      undecodable.accept(attribute);
    } catch (RuntimeException e) {
      LOG.error("a listener for undecodable attributes failed", e);
    }
  }
}
