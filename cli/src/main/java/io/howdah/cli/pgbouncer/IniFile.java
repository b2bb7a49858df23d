package io.howdah.cli.pgbouncer;

import java.nio.file.Path;

/**
 * A {@code pgbouncer.ini}. What each setting is for stands above it: behind a value it would be a
 * part of the value.
 */
public final class IniFile {
  private static final int WIDTH = 110;

  private final StringBuilder text = new StringBuilder();

  private IniFile() {}

  /**
   * Writes it.
   *
   * @param users whom it lets in
   * @param listenAddress where it listens, as PgBouncer has it: addresses or names, or {@code *}
   * @param userFile where the user list will be
   */
  public static String of(
      PgBouncerVersion version,
      Database database,
      Sizing sizing,
      UserList users,
      String listenAddress,
      int listenPort,
      Path userFile) {
    IniFile file = new IniFile();
    file.comment(
        "For PgBouncer "
            + version
            + " and newer, made by howdah pgbouncer. It logs to standard error and stays in the foreground, as systemd wants it; to run it with -d, set logfile and pidfile.");
    sizing.reasons().forEach(file::comment);
    sizing.warnings().forEach(warning -> file.comment("WARNING: " + warning + "."));
    file.databases(database);
    file.section("pgbouncer");
    file.listening(listenAddress, listenPort);
    file.logins(database, users, userFile);
    file.pooling(version);
    file.sizes(sizing);
    file.times();
    file.serverTls(database);
    if (users.asks()) {
      file.section("users");
      file.comment("Lookups of secrets are quick: they need no more connections.");
      file.line(database.lookupRole() + " = max_user_connections=" + sizing.lookups());
    }
    return file.text.toString();
  }

  private void databases(Database database) {
    section("databases");
    comment(
        "Where the database is, as seen from the machine of PgBouncer. No user is named: each role logs in as itself.");
    line(
        database.offeredName()
            + " = host="
            + quoted(database.host())
            + " port="
            + database.port()
            + " dbname="
            + quoted(database.name()));
  }

  private void listening(String address, int port) {
    comment("Where it listens. 127.0.0.1 is this machine only, * is everywhere.");
    set("listen_addr", address);
    set("listen_port", port);
    comment("No Unix socket: Java comes by TCP.");
    set("unix_socket_dir", "");
    comment(
        "Before clients come over a network, give it a certificate: passwords are never sent, but all else is in plain text without. Then take the ; off.");
    line(";client_tls_sslmode = require");
    line(";client_tls_cert_file = /etc/pgbouncer/server.crt");
    line(";client_tls_key_file = /etc/pgbouncer/server.key");
  }

  private void logins(Database database, UserList users, Path userFile) {
    comment(
        users.authType().equals("md5")
            ? "How clients show that they know the password. Some role still has an MD5 secret; with a SCRAM one, SCRAM is used here as well. Set their passwords anew to be rid of MD5."
            : "How clients show that they know the password. With what they show, PgBouncer logs in to the server.");
    set("auth_type", users.authType());
    comment("The user list. Whoever runs PgBouncer must be able to read it, and nobody else.");
    set("auth_file", userFile);
    if (users.asks()) {
      comment(
          "Who is not in the user list is looked up in the database, as this role, with lookup.sql.");
      set("auth_user", database.lookupRole());
      comment("It returns the name and the secret of a role.");
      set(
          "auth_query",
          "SELECT uname, phash FROM "
              + Script.identifier(database.lookupRole())
              + ".user_lookup($1)");
    }
  }

  private void pooling(PgBouncerVersion version) {
    comment(
        "A connection to the server is a client's for a transaction, not for as long as the client stays. So session state does not last: SET, LISTEN, temporary tables, session advisory locks. Howdah needs none, and listens past the pooler.");
    set("pool_mode", "transaction");
    comment("For pools in session mode only; in transaction mode there is nothing to reset.");
    set("server_reset_query", "DISCARD ALL");
    set("server_reset_query_always", 0);
    comment(
        "What the JDBC driver may say when it connects, and PgBouncer does not know: without this it would refuse the connection.");
    set("ignore_startup_parameters", "extra_float_digits");
    if (version.prepares()) {
      comment(
          "So many prepared statements are kept on each connection to the server; a statement that a client has prepared is prepared again where it is missing. 0 turns it off, and clients then need prepareThreshold=0.");
      set("max_prepared_statements", 200);
    } else {
      comment(
          "PgBouncer "
              + version
              + " does not know prepared statements (1.21 does): clients need prepareThreshold=0.");
      text.append('\n');
    }
  }

  private void sizes(Sizing sizing) {
    comment(
        "Connections of clients; more are refused. A quarter more than expected, for a release that starts new processes before the old ones end.");
    comment(
        "Each takes a file descriptor, and each connection to the server another: "
            + sizing.clients()
            + " + "
            + sizing.servers()
            + " and some of its own, "
            + sizing.files()
            + " in all. See to it with ulimit -n "
            + sizing.files()
            + ", or LimitNOFILE="
            + sizing.files()
            + " in the systemd unit.");
    set("max_client_conn", sizing.clients());
    comment("Connections to the server for each role: so many transactions run at a time.");
    set("default_pool_size", sizing.pool());
    comment("So many more for a role of which a client has waited a second, for times of trouble.");
    set("reserve_pool_size", sizing.reserve());
    set("reserve_pool_timeout", 1);
    comment("Never more to the database than this, whatever the roles ask for.");
    set("max_db_connections", sizing.servers());
  }

  private void times() {
    comment(
        "A client that has waited so long for a connection (seconds) is disconnected. Longer than a call of Howdah waits (5 s), and much shorter than PgBouncer's 120, in which callers pile up.");
    set("query_wait_timeout", 30);
    comment("A connection to the server that was not used for so long is closed: peaks pass.");
    set("server_idle_timeout", 600);
    comment("After so long one is replaced, once it is free: what it has piled up is given back.");
    set("server_lifetime", 3600);
    comment(
        "After a login to the server failed, the next try comes so much later, and clients get an error meanwhile. With PgBouncer's 15 a restart of Postgres would last 15 seconds longer.");
    set("server_login_retry", 2);
    comment(
        "Dead peers are found after two minutes: a probe after 60 s of silence, then one each 10 s, 6 in all. With the defaults of Linux it takes two hours.");
    set("tcp_keepalive", 1);
    set("tcp_keepidle", 60);
    set("tcp_keepintvl", 10);
    set("tcp_keepcnt", 6);
  }

  private void serverTls(Database database) {
    comment(
        "TLS to the server, as in the URL: disable, prefer (where the server has it, unchecked), require (unchecked), verify-ca or verify-full (checked against a certificate).");
    set("server_tls_sslmode", database.sslMode());
    String roots = database.sslRootFile();
    if (roots != null) {
      comment("The certificates that the server's is checked against.");
      set("server_tls_ca_file", roots);
    }
  }

  private void section(String name) {
    text.append("\n[").append(name).append("]\n");
  }

  private void set(String name, Object value) {
    line((name + " = " + value).stripTrailing());
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  /** In lines that can be read, each with its semicolon. */
  private void comment(String words) {
    if (!text.isEmpty() && !text.toString().endsWith("]\n") && !endsWithComment()) {
      text.append('\n');
    }
    StringBuilder line = new StringBuilder(";");
    for (String word : words.split(" ", -1)) {
      if (line.length() + 1 + word.length() > WIDTH) {
        line(line.toString());
        line = new StringBuilder(";");
      }
      line.append(' ').append(word);
    }
    line(line.toString());
  }

  private boolean endsWithComment() {
    int start = text.lastIndexOf("\n", text.length() - 2) + 1;
    return text.substring(start).startsWith("; ");
  }

  /** As in the connection strings of PgBouncer: in single quotes where there is need. */
  private static String quoted(String value) {
    return value.matches("[\\w.:/@-]+") ? value : "'" + value.replace("'", "''") + "'";
  }
}
