package io.howdah.engine;

import io.howdah.CallFailedException;
import io.howdah.CallFailedException.Outcome;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What a SQLSTATE means to a caller. The states are listed in docs/sql-api.md. */
public final class SqlErrors {
  private SqlErrors() {}

  /**
   * Whether the connection is of no use any more, and a statement under way has an unknown outcome.
   */
  static boolean brokeConnection(SQLException e) {
    String state = state(e);
    return state.startsWith("08")
        || state.startsWith("57P")
        || isFatal(e)
        || e.getCause() instanceof java.io.IOException;
  }

  /** After a FATAL or PANIC the server has closed the connection, whatever the state says. */
  private static boolean isFatal(SQLException e) {
    if (!(e instanceof PSQLException postgres) || postgres.getServerErrorMessage() == null) {
      return false;
    }
    String severity = postgres.getServerErrorMessage().getSeverity();
    return "FATAL".equals(severity) || "PANIC".equals(severity);
  }

  /**
   * The quick reads, and writes, look at an unlogged table, which a standby has not. The same state
   * says that a plan does not fit any more; but that is found elsewhere in Postgres.
   */
  static boolean isUnloggedOnStandby(SQLException e) {
    return state(e).equals("0A000")
        && e instanceof PSQLException postgres
        && postgres.getServerErrorMessage() != null
        && "get_relation_info".equals(postgres.getServerErrorMessage().getRoutine());
  }

  static boolean rowLocked(SQLException e) {
    return state(e).equals("55P03");
  }

  /**
   * A deadlock or a serialization failure: the statement was rolled back as a whole, so it may run
   * again.
   */
  static boolean rolledBackByConflict(SQLException e) {
    return state(e).equals("40P01") || state(e).equals("40001");
  }

  static boolean mixedLevels(SQLException e) {
    return state(e).equals("HD006");
  }

  /**
   * The server does not know the prepared statement: a transaction pooler gave us another backend.
   */
  static boolean lostPreparedStatement(SQLException e) {
    return state(e).equals("26000")
        || state(e).equals("42P05")
        // The same state is PgBouncer's for all that goes wrong: only Postgres's own is meant.
        || (state(e).equals("08P01")
            && String.valueOf(e.getMessage()).contains("bind message supplies"));
  }

  static String state(SQLException e) {
    return e.getSQLState() == null ? "" : e.getSQLState();
  }

  /**
   * The exception for a failed statement; of a write on a broken connection the outcome is unknown.
   */
  public static HowdahException translate(SQLException e, boolean write) {
    String state = state(e);
    String message = serverMessage(e);
    if (brokeConnection(e)) {
      return new CallFailedException(
          ErrorCode.UNAVAILABLE,
          write ? Outcome.UNKNOWN : Outcome.NOT_APPLIED,
          "the connection to Postgres broke: " + message,
          e);
    }
    if (isUnloggedOnStandby(e)) {
      return new HowdahException(
          ErrorCode.STANDBY, "ephemeral values are on the primary only: " + message, e);
    }
    return switch (state) {
      case "HD001" -> new HowdahException(ErrorCode.WRONG_KIND, message, e);
      case "HD002" -> new HowdahException(ErrorCode.NOT_AN_INTEGER, message, e);
      case "22003" -> new HowdahException(ErrorCode.OUT_OF_RANGE, message, e);
      case "HD003" -> new HowdahException(ErrorCode.NOT_SEARCHABLE, message, e);
      case "HD004" -> new HowdahException(ErrorCode.NAMESPACE_FULL, message, e);
      case "HD005" -> new HowdahException(ErrorCode.NAMESPACE_CONFLICT, message, e);
      case "HD008", "25006" -> new HowdahException(ErrorCode.STANDBY, message, e);
      case "22023" -> new InvalidArgumentException(argumentOf(message), message, e);
      case "22P02", "22P05", "22008", "22021", "22P03" ->
          new InvalidArgumentException("value", "value: " + message, e);
      case "40001", "40P01", "HD007" -> new HowdahException(ErrorCode.CONFLICT, message, e);
      case "55P03" ->
          new CallFailedException(
              ErrorCode.LOCKED, Outcome.NOT_APPLIED, "the row is locked by another transaction", e);
      case "HD012" -> new HowdahException(ErrorCode.MESSAGES_LOST, message, e);
      case "HD013" -> new HowdahException(ErrorCode.NOT_RETAINED, message, e);
      case "HD009" -> new CallFailedException(ErrorCode.LOCKED, Outcome.NOT_APPLIED, message, e);
      case "57014" -> new CallFailedException(ErrorCode.TIMEOUT, Outcome.NOT_APPLIED, message, e);
      case "42501" -> new HowdahException(ErrorCode.FORBIDDEN, message, e);
      case "42883", "42P01", "3F000", "42703" ->
          new HowdahException(
              ErrorCode.SCHEMA,
              message + " (is the schema of Howdah there, and up to date? see ./howdah migrate)",
              e);
      case "53300", "53200", "53100", "53400" ->
          new CallFailedException(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED, message, e);
      default -> new HowdahException(ErrorCode.DATABASE, message, e);
    };
  }

  /** Our own messages begin with the argument's name: "ttl: more than 0 ... expected". */
  private static String argumentOf(String message) {
    int colon = message.indexOf(':');
    return colon > 0 && colon < 40 && message.indexOf(' ') > colon
        ? message.substring(0, colon)
        : "argument";
  }

  private static String serverMessage(SQLException e) {
    if (e instanceof PSQLException postgres) {
      ServerErrorMessage server = postgres.getServerErrorMessage();
      if (server != null && server.getMessage() != null) {
        return server.getHint() == null
            ? server.getMessage()
            : server.getMessage() + " (" + server.getHint() + ")";
      }
    }
    return String.valueOf(e.getMessage());
  }
}
