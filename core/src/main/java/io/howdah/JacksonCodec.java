package io.howdah;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;

/** {@link Codec#json}. */
final class JacksonCodec<V> implements Codec<V> {
  private final ObjectWriter writer;
  private final ObjectReader reader;
  private final String typeName;

  JacksonCodec(ObjectWriter writer, ObjectReader reader, String typeName) {
    this.writer = writer;
    this.reader = reader;
    this.typeName = typeName;
  }

  @Override
  public Kind kind() {
    return Kind.JSON;
  }

  @Override
  public Encoded encode(V value) {
    try {
      return Encoded.json(writer.writeValueAsString(value));
    } catch (JacksonException e) {
      throw new HowdahException(
          ErrorCode.CODEC,
          "cannot write a value of " + typeName + " as JSON: " + e.getOriginalMessage(),
          e);
    }
  }

  @Override
  public V decode(Encoded stored) {
    try {
      return reader.readValue(java.util.Objects.requireNonNull(stored.json()));
    } catch (JacksonException e) {
      throw new HowdahException(
          ErrorCode.CODEC,
          "cannot read the stored JSON as " + typeName + ": " + e.getOriginalMessage(),
          e);
    }
  }
}
