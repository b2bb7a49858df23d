package io.howdah.schema;

/** What is done about the schema when a Howdah opens. */
public enum SchemaMode {
  /** Create it, or bring it up to date; the role needs the right to. */
  MIGRATE,
  /** Check that its version suits this library. */
  VALIDATE,
  /** Nothing. */
  NONE
}
