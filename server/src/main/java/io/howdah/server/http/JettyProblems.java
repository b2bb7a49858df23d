package io.howdah.server.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Problem documents for what Jetty refuses by itself: malformed requests, headers that are too
 * long.
 */
final class JettyProblems extends ErrorHandler {
  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
    // Jetty closes the connection after what it could not read, and does not say so: a client that
    // keeps connections would send its next request into the void.
    response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
    response.write(true, document(status, message), callback);
  }

  private static ByteBuffer document(int status, @Nullable String message) {
    String reason =
        message == null || message.isBlank()
            ? String.valueOf(HttpStatus.getMessage(status))
            : message;
    return ByteBuffer.wrap(Problems.of(status, reason).document());
  }
}
