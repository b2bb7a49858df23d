package io.howdah.bench.measure;

/**
 * Who a contestant is, as reports show it.
 *
 * @param name the short name of the command line and of the JSON file, for example {@code lettuce}
 * @param label the name for tables and charts
 * @param driving how the store is called, in one sentence: a figure means nothing without it
 * @param family whose store it is: charts give each family one colour
 * @param durability what a crash of the store takes away
 */
public record Profile(
    String name, String label, String driving, Family family, Durability durability) {

  /** Whose store it is. */
  public enum Family {
    REDIS,
    POSTGRES,
    HOWDAH
  }
}
