package io.howdah.cli.importing;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Finds the key in a JSON object. */
record KeyField(String name) {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(100_000)
                  .build())
          .build();

  Item read(long line, String json) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return reject(line, "not a JSON object", json);
      }
      Item result = reject(line, "no field '" + name + "'", json);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        boolean isKey = parser.currentName().equals(name);
        JsonToken value = parser.nextToken();
        if (isKey) {
          // The last one of a name counts, as in Postgres.
          result =
              value == JsonToken.VALUE_STRING || value.isNumeric()
                  ? new Item.Accepted(line, parser.getString(), json)
                  : reject(line, "the field '" + name + "' is neither a string nor a number", json);
        }
        var unused = parser.skipChildren();
      }
      return parser.nextToken() == null
          ? result
          : reject(line, "more than one JSON value in a line", json);
    } catch (JacksonException e) {
      return new Item.Rejected(line, "malformed JSON", e.getOriginalMessage(), json);
    }
  }

  private static Item reject(long line, String reason, String json) {
    return new Item.Rejected(line, reason, reason, json);
  }
}
