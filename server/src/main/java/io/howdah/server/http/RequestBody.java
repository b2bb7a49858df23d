package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads bodies, of a bounded size. */
final class RequestBody {
  static final String JSON = "application/json";
  static final String BYTES = "application/octet-stream";

  /**
   * How much of a body that is too large is read and thrown away, so that the client gets to read
   * why it was refused.
   */
  private static final long DRAIN = 64L << 20;

  private RequestBody() {}

  /** Which of the two content types a body has. */
  static String contentType(Context ctx) {
    String header = ctx.req().getContentType();
    String[] parts = header == null ? new String[] {""} : header.split(";");
    String type = parts[0].strip().toLowerCase(Locale.ROOT);
    boolean known = type.equals(BYTES) || type.equals(JSON);
    for (int i = 1; known && i < parts.length; i++) {
      String parameter = parts[i].strip().toLowerCase(Locale.ROOT).replace("\"", "");
      known =
          !parameter.startsWith("charset=")
              || type.equals(BYTES)
              || parameter.equals("charset=utf-8");
    }
    if (!known) {
      throw new Problem(
              415,
              "UNSUPPORTED_MEDIA_TYPE",
              "Content-Type: "
                  + JSON
                  + " (in UTF-8) or "
                  + BYTES
                  + " expected, got "
                  + (header == null ? "none" : "'" + header + "'"))
          .with("argument", "Content-Type");
    }
    return type;
  }

  /** A JSON body, as its text; whether it is JSON is for whoever reads it. */
  static String json(Context ctx, int limit, BytesInFlight inFlight) {
    if (!contentType(ctx).equals(JSON)) {
      throw new Problem(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type: " + JSON + " expected")
          .with("argument", "Content-Type");
    }
    return text(bytes(ctx, limit, inFlight));
  }

  static String text(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidArgumentException("body", "body: not UTF-8", e);
    }
  }

  /** The body. It counts among the bytes in flight until the request has been answered. */
  static byte[] bytes(Context ctx, int limit, BytesInFlight inFlight) {
    long announced = ctx.req().getContentLengthLong();
    try {
      if (announced > limit) {
        drain(ctx, announced);
        throw tooLarge(limit, announced);
      }
      if (!inFlight.hold(ctx, announced < 0 ? limit : announced)) {
        drain(ctx, announced);
        throw new Problem(
                503, "UNAVAILABLE", "too many large bodies are on their way; try again later")
            .header("Retry-After", "1");
      }
      InputStream in = ctx.req().getInputStream();
      byte[] body = in.readNBytes(limit);
      if (body.length == limit && in.read() >= 0) {
        drain(ctx, -1);
        throw tooLarge(limit, null);
      }
      return body;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void drain(Context ctx, long announced) throws IOException {
    // Who asks first is not to send it; opening the stream would ask for it.
    if (ctx.req().getHeader("Expect") == null && announced <= DRAIN) {
      InputStream in = ctx.req().getInputStream();
      long left = DRAIN;
      long skipped;
      while (left > 0 && (skipped = in.skip(Math.min(left, 1 << 16))) > 0) {
        left -= skipped;
      }
    }
  }

  private static Problem tooLarge(int limit, @Nullable Long got) {
    return new Problem(
            413,
            "CONTENT_TOO_LARGE",
            "body: at most "
                + limit
                + " bytes expected, got "
                + (got == null ? "more" : got.toString()))
        .with("argument", "body");
  }
}
