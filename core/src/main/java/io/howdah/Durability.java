package io.howdah;

import java.util.Locale;

/** What a crash of Postgres takes from a namespace. */
public enum Durability {
  /** Everything: the table is unlogged. A clean restart keeps it. Not readable on a standby. */
  EPHEMERAL,
  /** The last fraction of a second: logged, but a commit does not wait for the flush. */
  RELAXED,
  /** Nothing that was acknowledged. */
  DURABLE;

  /** As the SQL API spells it. */
  public String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Durability ofSqlName(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }
}
