package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import io.javalin.http.Context;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Under which condition a write happens: what If-Match and If-None-Match say. An entity tag is the
 * version in quotes.
 *
 * @param kind what has to hold
 * @param version the version that it has to be; 0 unless the kind is {@link Kind#VERSION}
 */
record Precondition(Kind kind, long version) {
  enum Kind {
    NONE,
    /** There is no value. */
    ABSENT,
    /** There is one. */
    PRESENT,
    /** There is one of this version. */
    VERSION,
    /** A tag that is no version of ours: it never holds. */
    NEVER
  }

  private static final Pattern TAG = Pattern.compile("(W/)?\"([\\x21\\x23-\\x7e\\x80-\\xff]*)\"");

  static String tag(long version) {
    return '"' + Long.toString(version) + '"';
  }

  /** That of a PUT. */
  static Precondition ofPut(Context ctx) {
    String match = ctx.req().getHeader("If-Match");
    String noneMatch = ctx.req().getHeader("If-None-Match");
    if (match != null && noneMatch != null) {
      throw new InvalidArgumentException("If-Match", "If-Match: not together with If-None-Match");
    }
    if (noneMatch == null) {
      return ofMatch(match);
    }
    if (!noneMatch.strip().equals("*")) {
      throw new InvalidArgumentException(
          "If-None-Match",
          "If-None-Match: only * is known here: store where there is no value yet");
    }
    return new Precondition(Kind.ABSENT, 0);
  }

  /** That of a DELETE. */
  static Precondition ofDelete(Context ctx) {
    if (ctx.req().getHeader("If-None-Match") != null) {
      throw new InvalidArgumentException("If-None-Match", "If-None-Match: not with DELETE");
    }
    return ofMatch(ctx.req().getHeader("If-Match"));
  }

  private static Precondition ofMatch(@Nullable String header) {
    if (header == null) {
      return new Precondition(Kind.NONE, 0);
    }
    String text = header.strip();
    if (text.equals("*")) {
      return new Precondition(Kind.PRESENT, 0);
    }
    Matcher matcher = TAG.matcher(text);
    if (!matcher.matches()) {
      throw new InvalidArgumentException(
          "If-Match",
          "If-Match: one version in quotes, such as \"1763800000000000\", or * expected");
    }
    String tag = matcher.group(2);
    if (matcher.group(1) != null || !tag.matches("\\d{1,18}|[1-8]\\d{18}")) {
      return new Precondition(Kind.NEVER, 0); // a weak tag matches nothing here (RFC 9110, 13.1.1)
    }
    return new Precondition(Kind.VERSION, Long.parseLong(tag));
  }

  /** Whether If-None-Match of a GET names this version: then the client has the value already. */
  static boolean knows(Context ctx, long version) {
    String header = ctx.req().getHeader("If-None-Match");
    if (header == null) {
      return false;
    }
    if (header.strip().equals("*")) {
      return true;
    }
    String own = Long.toString(version);
    Matcher matcher = TAG.matcher(header);
    while (matcher.find()) {
      if (own.equals(matcher.group(2))) {
        return true;
      }
    }
    return false;
  }
}
