package io.howdah.cli.pgbouncer;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PasswordUtil;

/**
 * Whom PgBouncer lets in: the secrets of the roles where they could be read, else a role that it
 * asks the database with.
 */
public final class UserList {
  private static final String HIDDEN = "(hidden)";
  private static final int PASSWORD_BYTES = 24;

  private final Database database;

  /** What PgBouncer asks with; null when it need not ask. */
  private final @Nullable String lookupPassword;

  private UserList(Database database, @Nullable String lookupPassword) {
    this.database = database;
    this.lookupPassword = lookupPassword;
  }

  /** Makes up a new password where PgBouncer is to ask for secrets. */
  public static UserList of(Database database) {
    if (database.seesSecrets()) {
      return new UserList(database, null);
    }
    byte[] random = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(random);
    return new UserList(database, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
  }

  /** PgBouncer's name for how it checks logins. */
  String authType() {
    return database.roles().stream().anyMatch(Role::hasMd5Secret) ? "md5" : "scram-sha-256";
  }

  /** Whether PgBouncer asks the database for secrets, with what {@link #lookupSql} makes. */
  public boolean asks() {
    return lookupPassword != null;
  }

  /**
   * The file.
   *
   * @param withSecrets whether it is to work; else the secrets are left out, for a look at it
   */
  public String file(boolean withSecrets) {
    if (lookupPassword != null) {
      return line(database.lookupRole(), withSecrets ? lookupPassword : HIDDEN);
    }
    return database.roles().stream()
        .map(role -> line(role.name(), withSecrets ? String.valueOf(role.secret()) : HIDDEN))
        .collect(Collectors.joining());
  }

  private static String line(String role, String secret) {
    return quoted(role) + " " + quoted(secret) + "\n";
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }

  /**
   * What a superuser is to run where PgBouncer asks. What it holds of the password cannot be logged
   * in with.
   *
   * @param withSecrets as of {@link #file}
   * @throws IllegalStateException when PgBouncer does not ask
   */
  public String lookupSql(boolean withSecrets) {
    if (lookupPassword == null) {
      throw new IllegalStateException("it does not ask");
    }
    String kept =
        withSecrets ? PasswordUtil.encodeScramSha256(lookupPassword.toCharArray()) : HIDDEN;
    String roles =
        database.roles().stream()
            .map(role -> Script.literal(role.name()))
            .collect(Collectors.joining(", "));
    String quote = "$lookup$";
    for (int i = 0; roles.contains(quote); i++) {
      quote = "$lookup" + i + "$";
    }
    return Script.read("lookup.sql")
        .replace("${make_role}", database.hasLookupRole() ? "ALTER" : "CREATE")
        .replace("${role}", Script.identifier(database.lookupRole()))
        .replace("${secret}", Script.literal(kept))
        .replace("${quote}", quote)
        .replace("${database}", Script.identifier(database.name()))
        .replace("${roles}", roles);
  }
}
