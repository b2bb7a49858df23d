package io.howdah.cli.doctor;

import java.util.Locale;

/**
 * What can be found, the most harmful first. Its id is public, and docs/doctor.md has a line on
 * each. Where it says so it is looked for by the query in the resource of the same name, which
 * gives a row (severity, subject, seen, remedy) for each finding, and none where all is well.
 */
public enum Ailment {
  SCHEMA(
      How.MIGRATOR,
      "The library does not run on a schema that is missing, older than itself, or too new for it."),
  CRASH_UNSAFE(
      How.SERVER,
      "When the machine goes down the whole database may be unreadable, not only Howdah's part of"
          + " it."),
  AUTOVACUUM_OFF(
      How.SERVER,
      "Rows that were replaced or removed stay for ever: the tables grow with each refresh, and"
          + " every read gets slower."),
  APP_RIGHTS(
      How.SERVER,
      "A right that is missing is a call that fails. A right too many is what a leaked password, or"
          + " an injection elsewhere in the application, can use."),
  REPLICA_IDENTITY(
      How.SERVER,
      "Postgres refuses updates and deletes in the table, so creating a namespace, repairing a wipe"
          + " or a migration fails."),
  MAX_CONNECTIONS(
      How.SERVER,
      "When no connection is left, calls fail, and so does everybody else's work on this server."),
  FREEZE_AGE(
      How.SERVER,
      "Some time before 2 billion Postgres takes no more writes, and needs a long vacuum first."),
  NAMESPACE_FULL(
      How.SCHEMA,
      "A namespace that refuses fails on new keys when it is full; one that evicts forgets values"
          + " before their time."),
  NOTIFICATION_QUEUE(
      How.SERVER,
      "When the queue is full every NOTIFY fails, and with it the transaction that it is part of."),
  LONG_TRANSACTION(
      How.SESSIONS,
      "No row that died since can be removed: busy rows grow long chains of versions, and retained"
          + " channels stand still."),
  PREPARED_TRANSACTION(
      How.SERVER,
      "It holds its locks, and keeps vacuum from its work, until somebody ends it; a restart does"
          + " not."),
  REPLICATION_SLOT(
      How.SERVER,
      "The log of changes grows until the disk is full, and dead rows may be kept as well."),
  POOLER_STATEMENT_MODE(
      How.POOLER, "A pooler in statement mode lets no transaction through, so most calls fail."),
  PREPARED_STATEMENTS(
      How.POOLER,
      "Through this pooler a statement that is prepared on one server connection is run on another"
          + " one, and fails. The engine prepares none through a pooler unless told to; the driver"
          + " does, on connections of yours, from the fifth use on."),
  SYNCHRONOUS_COMMIT(
      How.SERVER,
      "What was acknowledged as durable (flags, jobs, locks, durable namespaces) may be gone after"
          + " a crash: the last fraction of a second."),
  PROVIDER_UNLOGGED(
      How.SERVER,
      "Ephemeral values, rate limits and caches go with each restart and each pause of the compute,"
          + " not only with a crash. Howdah announces each as a wipe."),
  STANDBY(
      How.SERVER,
      "A standby takes no writes and has no ephemeral values: calls on those fail with STANDBY."),
  UNLOGGED_BEFORE_FAILOVER(
      How.SCHEMA,
      "Unlogged tables are empty after a failover: ephemeral values, rate limits and caches begin"
          + " anew, and everybody is logged out where sessions are ephemeral."),
  NOT_SWEPT(
      How.SCHEMA, "Dead rows stay, bounds are not kept, and a namespace that is full stays full."),
  AUTOVACUUM_BEHIND(
      How.SERVER,
      "The tables are written faster than they are vacuumed: they grow, and updates find no room on"
          + " their pages."),
  EXTRA_INDEX(
      How.SERVER,
      "An index on a column that refreshes change makes each of them write to every index of the"
          + " table, instead of to its page alone."),
  HOT_SHARE(
      How.SERVER,
      "Updates that find no room on their page write to the indexes too: more log, more dead index"
          + " entries, slower refreshes."),
  SHARED_BUFFERS(
      How.SERVER,
      "What is not in memory is read from disk, or from the operating system's cache, while a whole"
          + " batch of calls waits."),
  HUGE_PAGES(
      How.SERVER,
      "Each connection finds its way into the shared buffers 4 kB at a time: many keys are read"
          + " several times slower until it has been everywhere, and slower ever after."),
  BLOAT(
      How.SERVER, "Sweeps, vacuum and the shared buffers pay for pages with hardly a row on them."),
  PUBLIC_RIGHTS(
      How.SERVER,
      "Everybody who may connect to the database has them: sessions, flags and values among what"
          + " they may reach."),
  POOLER_SESSION_MODE(
      How.POOLER,
      "In session mode each client holds a server connection for as long as it lives, so the pooler"
          + " saves none while the application's own pools keep theirs."),
  POOLER_LISTEN(
      How.POOLER,
      "Notifications do not come through the pooler. Without a direct URL for listening near caches,"
          + " flags and channels look for changes instead, once a second."),
  PREPARED_STATEMENTS_UNUSED(
      How.POOLER,
      "The pooler passes prepared statements on, and the engine prepares none through a pooler"
          + " unless told to: Postgres plans each statement anew."),
  ASYNCHRONOUS_STANDBY(
      How.SESSIONS,
      "A failover may take the last acknowledged writes, durable ones too: no commit waits for a"
          + " standby."),
  WIPED(
      How.SCHEMA,
      "Ephemeral values, rate limits and caches have begun anew; a crash that comes back takes them"
          + " again.");

  /** How it is looked for. */
  enum How {
    /** By a query that runs on any Postgres. */
    SERVER,
    /** By such a query too; what other roles' sessions do it sees only with pg_read_all_stats. */
    SESSIONS,
    /** By a query that names tables of the schema. */
    SCHEMA,
    /** By the library's own check of its schema. */
    MIGRATOR,
    /** By asking through a pooler. */
    POOLER
  }

  private final How how;
  private final String harm;

  Ailment(How how, String harm) {
    this.how = how;
    this.harm = harm;
  }

  /** What it is called in reports and in the documentation; it does not change. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Why it harms. */
  public String harm() {
    return harm;
  }

  How how() {
    return how;
  }
}
