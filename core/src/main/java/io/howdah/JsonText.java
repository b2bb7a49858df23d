package io.howdah;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Checks JSON that comes as a text, before it goes to the database. */
public final class JsonText {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(100_000)
                  .build())
          .build();

  private JsonText() {}

  /**
   * The text, if it is exactly one JSON value.
   *
   * @throws InvalidArgumentException naming the argument, when it is not
   */
  public static String requireOne(String argument, String json) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() == null) {
        throw new InvalidArgumentException(
            argument, argument + ": a JSON text expected, got an empty one");
      }
      var unused = parser.skipChildren();
      if (parser.nextToken() != null) {
        throw new InvalidArgumentException(
            argument, argument + ": one JSON value expected, more follows it");
      }
      return json;
    } catch (JacksonException e) {
      throw new InvalidArgumentException(
          argument, argument + ": malformed JSON: " + e.getOriginalMessage(), e);
    }
  }
}
