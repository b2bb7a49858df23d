package io.howdah.cli.pgbouncer;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many connections of each kind.
 *
 * @param clients how many connections of applications PgBouncer takes
 * @param servers how many connections to the database it makes at most, all together
 * @param pool how many of them each role has
 * @param reserve how many more each role gets when somebody has waited
 * @param lookups how many of them ask for secrets
 * @param room how many the database has room for
 * @param files how many files PgBouncer may have to hold open
 * @param reasons how it comes to that, in sentences
 * @param warnings what does not fit, in sentences
 */
public record Sizing(
    int clients,
    int servers,
    int pool,
    int reserve,
    int lookups,
    int room,
    int files,
    List<String> reasons,
    List<String> warnings) {
  /** PgBouncer's own default for a pool, which its sample calls good for transaction pooling. */
  private static final int USUAL_POOL = 20;

  /** So many connections of a role, and one of them is kept in reserve. */
  private static final int RESERVE_SHARE = 5;

  /** A login asks once, and is done in no time: two are enough for many. */
  private static final int LOOKUPS = 2;

  private static final int LEAST_MORE_CLIENTS = 10;

  /** What it listens on, its log, its console, its name lookups, and some. */
  private static final int OWN_FILES = 32;

  public Sizing {
    reasons = List.copyOf(reasons);
    warnings = List.copyOf(warnings);
  }

  /**
   * Does the arithmetic.
   *
   * @param connections how many connections the applications are expected to make
   * @param wanted how many connections to the database there are to be; null for what fits
   */
  public static Sizing of(Database database, int connections, @Nullable Integer wanted) {
    List<String> reasons = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    int room = database.maxConnections() - database.reserved() - database.others();
    reasons.add(
        "The server takes "
            + database.maxConnections()
            + " connections (max_connections), keeps "
            + database.reserved()
            + " of them for superusers and others named for it, and other roles have "
            + database.others()
            + " now: there is room for "
            + Math.max(room, 0)
            + ".");
    if (database.limit() >= 0 && database.limit() - database.othersHere() < room) {
      room = database.limit() - database.othersHere();
      reasons.add(
          "The database itself takes "
              + database.limit()
              + " (CONNECTION LIMIT), of which others have "
              + database.othersHere()
              + ": there is room for "
              + Math.max(room, 0)
              + ".");
    }
    room = Math.max(room, 0);
    int roles = database.roles().size();
    int lookups = database.seesSecrets() ? 0 : LOOKUPS;
    int least = roles + lookups;
    int servers;
    if (wanted != null) {
      servers = Math.max(wanted, least);
      if (servers > wanted) {
        warnings.add(
            wanted
                + " server connections are too few for "
                + roles
                + " roles"
                + (lookups == 0 ? "" : " and the lookups of secrets")
                + ": made it "
                + servers);
      }
    } else {
      // The last quarter is for what goes past the pooler: listening, migrations, somebody with
      // psql.
      int fitting = room - room / 4;
      servers =
          Math.max(least, Math.min(Math.min(connections, USUAL_POOL * roles) + lookups, fitting));
      reasons.add(
          "Of these "
              + servers
              + " are for the pool: at most three quarters of the room, "
              + USUAL_POOL
              + " a role, and what the applications ask for. The rest is for what goes past the pooler: one connection a process that listens, migrations, you with psql.");
    }
    if (servers > room) {
      warnings.add(
          "the pool makes up to "
              + servers
              + " connections, but the database has room for "
              + room
              + ": logins will fail under load; take fewer (--server-connections) or raise max_connections");
    }
    int each = (servers - lookups) / roles;
    int reserve = each / RESERVE_SHARE;
    for (Role role : database.roles()) {
      if (role.connectionLimit() >= 0 && role.connectionLimit() < each) {
        warnings.add(
            "the role "
                + role.name()
                + " may have "
                + role.connectionLimit()
                + " connections (CONNECTION LIMIT), but its pool makes up to "
                + each);
      }
    }
    if (connections + lookups <= room) {
      reasons.add(
          "All "
              + connections
              + " connections of the applications would fit without a pooler, which takes processor time of its own.");
    }
    int clients = connections + Math.max(LEAST_MORE_CLIENTS, connections / 4);
    return new Sizing(
        clients,
        servers,
        each - reserve,
        reserve,
        lookups,
        room,
        clients + servers + OWN_FILES,
        reasons,
        warnings);
  }
}
