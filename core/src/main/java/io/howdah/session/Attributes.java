package io.howdah.session;

import java.lang.reflect.Type;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The attributes of a session, decoded when they are asked for. */
final class Attributes {
  private final UUID handle;
  private final String json;
  private final SessionCodec codec;

  /** Read at the first use; several threads may do so, with the same result. */
  private volatile @Nullable JsonNode tree;

  Attributes(UUID handle, String json, SessionCodec codec) {
    this.handle = handle;
    this.json = json;
    this.codec = codec;
  }

  @SuppressWarnings("unchecked") // Jackson makes what the type says
  <T> Optional<T> get(String name, Type type) {
    try {
      JsonNode node = tree().get(name);
      return node == null ? Optional.empty() : Optional.ofNullable((T) codec.decode(node, type));
    } catch (RuntimeException e) {
      // Jackson passes on what deserializers of the application's throw.
      codec.report(new UndecodableAttribute(handle, name, type.getTypeName(), e));
      return Optional.empty();
    }
  }

  Optional<String> json(String name) {
    return Optional.ofNullable(tree().get(name)).map(JsonNode::toString);
  }

  Set<String> names() {
    return new LinkedHashSet<>(tree().propertyNames());
  }

  private JsonNode tree() {
    JsonNode known = tree;
    if (known == null) {
      try {
        known = codec.tree(json);
      } catch (JacksonException e) {
        // Postgres holds what Jackson does not read, such as numbers of a thousand digits.
        codec.report(new UndecodableAttribute(handle, "*", JsonNode.class.getName(), e));
        known = JsonNodeFactory.instance.objectNode();
      }
      tree = known;
    }
    return known;
  }
}
