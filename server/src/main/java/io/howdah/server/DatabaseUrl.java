package io.howdah.server;

import io.howdah.InvalidArgumentException;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** The JDBC URL of a Postgres database. Whoever prints one prints {@link #masked}. */
public final class DatabaseUrl {
  /** There may be a space in it: better too much is masked than half of it. */
  private static final Pattern PASSWORD = Pattern.compile("(?i)(password=)[^&\\r\\n]+");

  private static final Pattern USER_INFO = Pattern.compile("(//[^/:@\\s]*:)[^/?\\s]*@");

  /** The same of a Postgres, where somebody may have forgotten to encode it. */
  private static final Pattern POSTGRES_USER_INFO =
      Pattern.compile("(?i)(postgres(?:ql)?://[^/:@\\s]*:)[^@?\\r\\n]*@");

  /** The passwords of all URLs so far: a message may have one in it without the URL. */
  private static final Set<String> PASSWORDS = ConcurrentHashMap.newKeySet();

  private static final int DEFAULT_PORT = 5432;
  private static final Pattern PLAIN = Pattern.compile("[\\w.,:/-]+");

  private final String url;
  private final PGSimpleDataSource parsed;

  private DatabaseUrl(String url, PGSimpleDataSource parsed) {
    this.url = url;
    this.parsed = parsed;
  }

  /**
   * Reads a URL.
   *
   * @throws InvalidArgumentException when it is not one of a Postgres database
   */
  public static DatabaseUrl parse(String url) {
    String text = url.strip();
    if (!text.startsWith("jdbc:postgresql:")) {
      throw refuse("one like jdbc:postgresql://host:5432/database?user=... expected");
    }
    int authority = text.indexOf("//");
    int end = authority < 0 ? -1 : indexOfAny(text, "/?", authority + 2);
    if (authority >= 0 && text.substring(authority, end < 0 ? text.length() : end).contains("@")) {
      // The driver would take the password for a part of the port, and say so in its log.
      throw refuse(
          "user and password go behind the database: jdbc:postgresql://host/database?user=...&password=...");
    }
    PGSimpleDataSource parsed = new PGSimpleDataSource();
    try {
      parsed.setUrl(text);
    } catch (IllegalArgumentException e) {
      // Its message, and hence the exception as a cause, has the URL in it.
      throw refuse("one like jdbc:postgresql://host:5432/database?user=... expected");
    }
    rememberPassword(parsed.getPassword(), parsed);
    rememberPassword(parsed.getSslPassword(), parsed);
    return new DatabaseUrl(text, parsed);
  }

  private static void rememberPassword(@Nullable String password, PGSimpleDataSource parsed) {
    // One that is also a name is no secret, and stars in its place would make messages unreadable.
    if (password != null
        && !password.isBlank()
        && !password.equals(parsed.getUser())
        && !password.equals(parsed.getDatabaseName())) {
      boolean unused = PASSWORDS.add(password);
    }
  }

  private static int indexOfAny(String text, String characters, int from) {
    for (int i = from; i < text.length(); i++) {
      if (characters.indexOf(text.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /** Without the URL: there may be a password in it, at a place that only its author knows. */
  private static InvalidArgumentException refuse(String expected) {
    return new InvalidArgumentException("database-url", "database-url: " + expected);
  }

  /** For the driver only: it may hold a password. */
  public String jdbcUrl() {
    return url;
  }

  /** The URL with stars for passwords. */
  public String masked() {
    return maskUrls(url);
  }

  /** The command that opens the same database with psql, which asks for the password itself. */
  public String psqlCommand() {
    StringBuilder command = new StringBuilder("psql \"");
    append(command, "host", String.join(",", parsed.getServerNames()));
    append(
        command,
        "port",
        Arrays.stream(parsed.getPortNumbers())
            .map(port -> port == 0 ? DEFAULT_PORT : port)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(",")));
    append(command, "dbname", parsed.getDatabaseName());
    append(command, "user", parsed.getUser());
    append(command, "sslmode", parsed.getSslMode());
    return command.append('"').toString();
  }

  private static void append(StringBuilder command, String name, @Nullable String value) {
    if (value == null || value.isEmpty()) {
      return;
    }
    String shown =
        PLAIN.matcher(value).matches()
            ? value
            : "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\"", "\\\"") + "'";
    command
        .append(command.charAt(command.length() - 1) == '"' ? "" : " ")
        .append(name)
        .append('=')
        .append(shown);
  }

  /** Any text with stars for the passwords of the URLs in it, and of those that were parsed. */
  public static String mask(String text) {
    String masked = maskUrls(text);
    for (String password : PASSWORDS) {
      if (masked.contains(password)) {
        masked =
            Pattern.compile("(?<!\\w)" + Pattern.quote(password) + "(?!\\w)")
                .matcher(masked)
                .replaceAll("****");
      }
    }
    return masked;
  }

  private static String maskUrls(String text) {
    String masked = PASSWORD.matcher(text).replaceAll("$1****");
    masked = USER_INFO.matcher(masked).replaceAll("$1****@");
    return POSTGRES_USER_INFO.matcher(masked).replaceAll("$1****@");
  }

  @Override
  public String toString() {
    return masked();
  }
}
