package io.howdah.bench.preference;

import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Profile.Family;
import io.howdah.bench.server.PostgresServer;
import java.util.Locale;

/** Where the preferences are, and the statements for each question: arguments user, key, value. */
enum Storage {
  HSTORE(
      "hstore",
      "plain statements on a row a user, the preferences in hstore",
      Family.POSTGRES,
      PostgresServer.SCHEMA + ".pref_hstore") {
    @Override
    String sql(Question question, String home) {
      return switch (question) {
        case SET, SET_INDEXED ->
            """
            INSERT INTO %1$s.pref_hstore AS p VALUES (?, %2$s.hstore(?, ?))
            ON CONFLICT (user_id) DO UPDATE SET prefs = p.prefs OPERATOR(%2$s.||) excluded.prefs\
            """
                .formatted(PostgresServer.SCHEMA, home);
        case GET ->
            "SELECT %2$s.fetchval(p.prefs, a.key) FROM (SELECT ?::text AS id, ?::text AS key) AS a JOIN %1$s.pref_hstore AS p ON p.user_id = a.id"
                .formatted(PostgresServer.SCHEMA, home);
        case ALL ->
            "SELECT e.key, e.value FROM %1$s.pref_hstore, %2$s.each(prefs) AS e WHERE user_id = ?"
                .formatted(PostgresServer.SCHEMA, home);
        case FIND ->
            """
            SELECT user_id FROM %1$s.pref_hstore
            WHERE prefs OPERATOR(%2$s.@>) %2$s.hstore(?, ?) ORDER BY user_id LIMIT 100\
            """
                .formatted(PostgresServer.SCHEMA, home);
      };
    }

    @Override
    String index(String home) {
      return "CREATE INDEX ON %s.pref_hstore USING gin (prefs %s.gin_hstore_ops)"
          .formatted(PostgresServer.SCHEMA, home);
    }
  },

  JSONB(
      "JSONB",
      "plain statements on a row a user, the preferences in JSONB",
      Family.POSTGRES,
      PostgresServer.SCHEMA + ".pref_jsonb") {
    @Override
    String sql(Question question, String home) {
      return switch (question) {
        case SET, SET_INDEXED ->
            """
            INSERT INTO %s.pref_jsonb AS p VALUES (?, jsonb_build_object(?::text, ?::text))
            ON CONFLICT (user_id) DO UPDATE SET prefs = p.prefs || excluded.prefs\
            """
                .formatted(PostgresServer.SCHEMA);
        case GET ->
            "SELECT p.prefs ->> a.key FROM (SELECT ?::text AS id, ?::text AS key) AS a JOIN %s.pref_jsonb AS p ON p.user_id = a.id"
                .formatted(PostgresServer.SCHEMA);
        case ALL ->
            "SELECT e.key, e.value FROM %s.pref_jsonb, jsonb_each_text(prefs) AS e WHERE user_id = ?"
                .formatted(PostgresServer.SCHEMA);
        case FIND ->
            """
            SELECT user_id FROM %s.pref_jsonb
            WHERE prefs @> jsonb_build_object(?::text, ?::text) ORDER BY user_id LIMIT 100\
            """
                .formatted(PostgresServer.SCHEMA);
      };
    }

    @Override
    String index(String home) {
      return "CREATE INDEX ON %s.pref_jsonb USING gin (prefs jsonb_path_ops)"
          .formatted(PostgresServer.SCHEMA);
    }
  },

  ROWS(
      "a row a key",
      "plain statements on a row for each key of each user, the values as text",
      Family.POSTGRES,
      PostgresServer.SCHEMA + ".pref_rows") {
    @Override
    String sql(Question question, String home) {
      return switch (question) {
        case SET, SET_INDEXED ->
            """
            INSERT INTO %s.pref_rows VALUES (?, ?, ?)
            ON CONFLICT (user_id, key) DO UPDATE SET value = excluded.value\
            """
                .formatted(PostgresServer.SCHEMA);
        case GET ->
            "SELECT value FROM %s.pref_rows WHERE user_id = ? AND key = ?"
                .formatted(PostgresServer.SCHEMA);
        case ALL ->
            "SELECT key, value FROM %s.pref_rows WHERE user_id = ?"
                .formatted(PostgresServer.SCHEMA);
        case FIND ->
            "SELECT user_id FROM %s.pref_rows WHERE key = ? AND value = ? ORDER BY user_id LIMIT 100"
                .formatted(PostgresServer.SCHEMA);
      };
    }

    @Override
    String index(String home) {
      return "CREATE INDEX ON %s.pref_rows (key, value, user_id)".formatted(PostgresServer.SCHEMA);
    }
  },

  HOWDAH(
      "Howdah",
      "the functions preference_set, preference_get, preference_all and preference_find",
      Family.HOWDAH,
      PostgresServer.HOWDAH_SCHEMA + ".preference") {
    @Override
    String sql(Question question, String home) {
      return howdah(question, "preference", "to_jsonb(?::text)");
    }

    @Override
    String index(String home) {
      return "SELECT %s.preference_index(true)".formatted(PostgresServer.HOWDAH_SCHEMA);
    }
  },

  HOWDAH_HSTORE(
      "Howdah, hstore",
      "the functions preference_hstore_set, …_get, …_all and …_find",
      Family.HOWDAH,
      PostgresServer.HOWDAH_SCHEMA + ".preference_hstore") {
    @Override
    String sql(Question question, String home) {
      return howdah(question, "preference_hstore", "?");
    }

    @Override
    String index(String home) {
      return "SELECT %s.preference_hstore_enable('gin')".formatted(PostgresServer.HOWDAH_SCHEMA);
    }
  };

  private final Profile profile;
  private final String table;

  Storage(String label, String driving, Family family, String table) {
    this.profile =
        new Profile(
            name().toLowerCase(Locale.ROOT).replace('_', '-'),
            label,
            driving,
            family,
            Durability.RELAXED);
    this.table = table;
  }

  Profile profile() {
    return profile;
  }

  String table() {
    return table;
  }

  /**
   * The statement for a question. Its parameters are those of user, key and value that it needs, in
   * this order.
   *
   * @param home the schema of the extension hstore
   */
  abstract String sql(Question question, String home);

  /** Makes the index that finds users by a value. */
  abstract String index(String home);

  private static String howdah(Question question, String prefix, String value) {
    String function = PostgresServer.HOWDAH_SCHEMA + "." + prefix;
    return switch (question) {
      case SET, SET_INDEXED -> "SELECT " + function + "_set(?, ?, " + value + ")";
      case GET -> "SELECT " + function + "_get(?, ?)";
      case ALL -> "SELECT key, value FROM " + function + "_all(?)";
      case FIND -> "SELECT user_id FROM " + function + "_find(?, " + value + ")";
    };
  }
}
