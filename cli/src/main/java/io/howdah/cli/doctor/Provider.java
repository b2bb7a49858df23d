package io.howdah.cli.doctor;

import java.util.Locale;

/** Who runs the server. On a managed one settings are not made by ALTER SYSTEM. */
public enum Provider {
  NONE("none", ""),
  RDS("Amazon RDS", "in the DB parameter group"),
  AURORA("Amazon Aurora", "in the DB cluster parameter group"),
  CLOUD_SQL("Google Cloud SQL", "as a flag of the instance"),
  AZURE("Azure Database for PostgreSQL", "among the server parameters"),
  NEON("Neon", "where Neon lets you; see its page on parameters"),
  SUPABASE("Supabase", "with supabase postgres-config update");

  private static final String ALTER_SYSTEM = "ALTER SYSTEM SET ";

  private final String title;
  private final String place;

  Provider(String title, String place) {
    this.title = title;
    this.place = place;
  }

  /** Its name for people. */
  public String title() {
    return title;
  }

  /** As it stands in the report, and as {@code provider.sql} says it. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Provider of(String id) {
    return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** A step of a remedy, in the way that it is done here. */
  String step(String step) {
    int at = step.indexOf(ALTER_SYSTEM);
    if (this == NONE || at < 0) {
      return step;
    }
    String setting = step.substring(at + ALTER_SYSTEM.length());
    int end = setting.indexOf(';');
    String rest =
        end < 0 ? "" : setting.substring(end + 1).replace("SELECT pg_reload_conf();", "").strip();
    return step.substring(0, at)
        + (end < 0 ? setting : setting.substring(0, end))
        + ", "
        + place
        + (rest.isEmpty() ? "" : "  " + rest);
  }
}
