package io.howdah.server.http;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.server.DatabaseUrl;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.exc.JacksonIOException;

/** Makes a problem of every exception, in this one place. */
final class Problems {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  private Problems() {}

  static void write(Context ctx, Throwable failure) {
    Problem problem = of(failure);
    ctx.status(problem.status());
    problem.headers().forEach(ctx::header);
    byte[] document = problem.document();
    ctx.contentType(Problem.MEDIA_TYPE).header("Cache-Control", "no-store").result(document);
  }

  static Problem of(Throwable failure) {
    if (failure instanceof Problem problem) {
      return problem;
    }
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return of(failure.getCause());
    }
    if (failure instanceof HowdahException fault) {
      return ofFault(fault);
    }
    if (failure instanceof HttpResponseException refused) {
      return ofJavalin(refused);
    }
    if (failure instanceof IOException
        || failure instanceof UncheckedIOException
        || failure instanceof JacksonIOException) {
      return ofConnection(failure);
    }
    if (failure instanceof HttpException refused) {
      return of(refused.getCode(), String.valueOf(refused.getReason()));
    }
    if (failure instanceof TimeoutException) {
      return unavailable(ErrorCode.TIMEOUT, "no answer from Postgres in time");
    }
    LOG.error("a request failed", failure);
    return internal("INTERNAL");
  }

  private static Problem ofFault(HowdahException fault) {
    ErrorCode code = fault.code();
    String message = DatabaseUrl.mask(String.valueOf(fault.getMessage()));
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> {
        Problem problem = new Problem(400, code.name(), message);
        yield fault instanceof InvalidArgumentException invalid
            ? problem.with("argument", invalid.argument())
            : problem;
      }
      case WRONG_KIND,
          NOT_AN_INTEGER,
          NOT_SEARCHABLE,
          NAMESPACE_CONFLICT,
          SESSION_LIMIT,
          NOT_RETAINED,
          CONTENTION,
          CONFLICT ->
          new Problem(409, code.name(), message);
      case MESSAGES_LOST -> new Problem(410, code.name(), message);
      case NAMESPACE_FULL -> new Problem(507, code.name(), message);
      case TIMEOUT, INTERRUPTED, UNAVAILABLE, LOCKED, CLOSED, NO_PUSH, SLOW_SUBSCRIBER -> {
        Problem problem = unavailable(code, message);
        yield fault instanceof CallFailedException failed
            ? problem.with("outcome", failed.outcome().name())
            : problem;
      }
      // The database is there, but not as it has to be: not the client's doing, and not to be
      // hidden from who runs this.
      case STANDBY, SCHEMA, FORBIDDEN -> {
        LOG.warn("{}: {}", code, message);
        yield new Problem(503, code.name(), message);
      }
      case CODEC, LOAD_FAILED, DATABASE -> {
        LOG.error("a request failed", fault);
        yield internal(code.name());
      }
    };
  }

  private static Problem unavailable(ErrorCode code, String message) {
    return new Problem(503, code.name(), message).header("Retry-After", "1");
  }

  private static Problem internal(String code) {
    return new Problem(500, code, "the server failed to answer; its log says why");
  }

  private static Problem ofJavalin(HttpResponseException refused) {
    return switch (refused.getStatus()) {
      case 404 ->
          Problem.notFound(
              "there is no such resource; the API begins with /v1/, docs/http.md describes it");
      case 405 -> {
        String allowed = refused.getDetails().get("availableMethods");
        yield Problem.methodNotAllowed(
            allowed == null
                ? String.valueOf(refused.getDetails().get("Available methods"))
                : allowed);
      }
      default -> of(refused.getStatus(), String.valueOf(refused.getMessage()));
    };
  }

  /** The client stalled, went away, or sent what is no HTTP: nothing for the log of a server. */
  private static Problem ofConnection(Throwable failure) {
    LOG.debug("a connection failed", failure);
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof TimeoutException) {
        return of(408, "body: the rest of it did not come in time").header("Connection", "close");
      }
      if (cause instanceof HttpException refused) {
        return new Problem(
            refused.getCode(), code(refused.getCode()), "body: malformed: " + refused.getReason());
      }
    }
    return new Problem(400, code(400), "body: it ended before its end");
  }

  /** For what fails before it is a request of ours. */
  static Problem of(int status, String reason) {
    String detail =
        status == 400
            ? "malformed request; the parts of its URL have to be percent-encoded UTF-8 (% itself is %25, and %00 cannot be stored)"
            : status < 500 || status == 503
                ? reason
                : "the server failed to answer; its log says why";
    return new Problem(status, code(status), detail);
  }

  private static String code(int status) {
    return switch (status) {
      case 404 -> "NOT_FOUND";
      case 408 -> "REQUEST_TIMEOUT";
      case 413 -> "CONTENT_TOO_LARGE";
      case 414 -> "URI_TOO_LONG";
      case 431 -> "HEADERS_TOO_LARGE";
      case 503 -> "UNAVAILABLE";
      default -> status < 500 ? "BAD_REQUEST" : "INTERNAL";
    };
  }
}
