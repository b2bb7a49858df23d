package io.howdah.cli.pgbouncer;

import io.howdah.cli.CommandFailure;
import io.howdah.server.DatabaseUrl;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The database behind the pooler, and what matters to a pooler about it.
 *
 * @param sslMode how PgBouncer is to reach it, in the words of the driver and of PgBouncer
 * @param sslRootFile the certificates that it is held against; null where none are named
 * @param maxConnections how many connections the server takes
 * @param reserved those of them that only superusers, and roles named for it, may use
 * @param limit how many this database takes; negative for no limit
 * @param others connections of other roles, now
 * @param othersHere those of them to this database
 * @param roles who logs in through the pooler
 * @param seesSecrets whether the secrets of the roles could be read
 * @param hasLookupRole whether there is a role of the name that PgBouncer would ask with
 */
public record Database(
    String host,
    int port,
    String name,
    String sslMode,
    @Nullable String sslRootFile,
    int maxConnections,
    int reserved,
    int limit,
    int others,
    int othersHere,
    List<Role> roles,
    boolean seesSecrets,
    boolean hasLookupRole) {
  private static final int DEFAULT_PORT = 5432;
  private static final int LONGEST_NAME = 63;

  /** PgBouncer's console. */
  private static final String RESERVED_NAME = "pgbouncer";

  /** Its parser takes hardly more in a name, quoted or not. */
  private static final Pattern NOT_PLAIN = Pattern.compile("[^A-Za-z0-9_]");

  public Database {
    roles = List.copyOf(roles);
  }

  /**
   * Looks at a database.
   *
   * @param roleNames who logs in through the pooler; when empty, whoever the URL logs in
   * @throws CommandFailure when it cannot be reached, when a role cannot log in, or when the URL
   *     leads through a pooler itself
   */
  public static Database look(DatabaseUrl url, List<String> roleNames) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url.jdbcUrl());
    if (source.getServerNames().length != 1) {
      throw new CommandFailure(
          "the URL names several servers: PgBouncer would spread the connections over all of them, standbys too; name the one that it is to use");
    }
    try (Connection connection = source.getConnection()) {
      return look(connection, source, roleNames);
    } catch (SQLException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
  }

  private static Database look(
      Connection connection, PGSimpleDataSource source, List<String> roleNames)
      throws SQLException {
    String name;
    List<String> names = new ArrayList<>(new LinkedHashSet<>(roleNames));
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT session_user, current_database()");
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new IllegalStateException("no row for this session");
      }
      if (names.isEmpty()) {
        names.add(row.getString(1));
      }
      name = row.getString(2);
    }
    names.forEach(role -> requireWritable("role", role));
    requireWritable("database", name);
    Array listed = connection.createArrayOf("text", names.toArray());
    try (PreparedStatement statement = connection.prepareStatement(Script.read("limits.sql"))) {
      statement.setString(1, lookupRole(name));
      statement.setArray(2, listed);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new IllegalStateException("no row for the current database");
        }
        if (row.getInt("pid") != connection.unwrap(PGConnection.class).getBackendPID()) {
          throw new CommandFailure(
              "the URL leads through a pooler: name the database server itself");
        }
        boolean seesSecrets = row.getBoolean("sees_secrets");
        int port = source.getPortNumbers()[0];
        return new Database(
            withoutBrackets(source.getServerNames()[0]),
            port == 0 ? DEFAULT_PORT : port,
            name,
            sslMode(source),
            source.getSslRootCert(),
            row.getInt("max_connections"),
            row.getInt("reserved"),
            row.getInt("database_limit"),
            row.getInt("others"),
            row.getInt("others_here"),
            roles(connection, names, listed, seesSecrets),
            seesSecrets,
            row.getBoolean("has_lookup_role"));
      }
    }
  }

  /** Neither of PgBouncer's files can hold a line break in a name. */
  private static void requireWritable(String what, String name) {
    if (name.isEmpty() || name.chars().anyMatch(Character::isISOControl)) {
      throw new CommandFailure(
          "the name of the " + what + " must be one line, without control characters");
    }
  }

  /**
   * What PgBouncer asks for secrets as, and the schema of what it asks. Roles are common to all
   * databases of a server, so it has the name of the database in it.
   */
  static String lookupRole(String database) {
    String name = "pgbouncer_" + plain(database).toLowerCase(Locale.ROOT);
    return name.substring(0, Math.min(name.length(), LONGEST_NAME));
  }

  String lookupRole() {
    return lookupRole(name);
  }

  /**
   * Under which name PgBouncer offers the database: its own, but for what PgBouncer's file cannot
   * hold.
   */
  public String offeredName() {
    String plain = plain(name);
    return plain.equals(RESERVED_NAME) ? plain + "_" : plain;
  }

  private static String plain(String name) {
    return NOT_PLAIN.matcher(name).replaceAll("_");
  }

  /** The driver wants an IPv6 address in brackets, PgBouncer without. */
  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private static String sslMode(PGSimpleDataSource source) {
    String said = source.getSslMode();
    if (said != null) {
      return said;
    }
    return source.getSsl() ? "verify-full" : "prefer";
  }

  private static List<Role> roles(
      Connection connection, List<String> names, Array listed, boolean seesSecrets)
      throws SQLException {
    Map<String, String> secrets = new HashMap<>();
    if (seesSecrets) {
      try (PreparedStatement statement = connection.prepareStatement(Script.read("secrets.sql"))) {
        statement.setArray(1, listed);
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            String secret = row.getString("rolpassword");
            if (secret != null) {
              secrets.put(row.getString("rolname"), secret);
            }
          }
        }
      }
    }
    Map<String, Role> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(Script.read("roles.sql"))) {
      statement.setArray(1, listed);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String name = row.getString("rolname");
          if (!row.getBoolean("rolcanlogin")) {
            throw new CommandFailure("the role " + name + " may not log in (NOLOGIN)");
          }
          if (row.getBoolean("is_over")) {
            throw new CommandFailure("the password of the role " + name + " is over (VALID UNTIL)");
          }
          if (seesSecrets && !secrets.containsKey(name)) {
            throw new CommandFailure(
                "the role "
                    + name
                    + " has no password, so PgBouncer has nothing to check logins with; give it one, in psql: \\password "
                    + name);
          }
          found.put(name, new Role(name, row.getInt("rolconnlimit"), secrets.get(name)));
        }
      }
    }
    List<Role> roles = new ArrayList<>();
    for (String name : names) {
      Role role = found.get(name);
      if (role == null) {
        throw new CommandFailure("there is no role " + name);
      }
      roles.add(role);
    }
    return roles;
  }
}
