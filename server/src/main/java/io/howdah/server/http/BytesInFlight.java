package io.howdah.server.http;

import io.javalin.http.Context;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;

/**
 * Bounds the bytes of all bodies that are held at a time. Each has a bound, but there are more
 * threads than heap for as many of the largest.
 */
final class BytesInFlight {
  private final long most;
  private final AtomicLong held = new AtomicLong();

  BytesInFlight(long most) {
    this.most = most;
  }

  /**
   * Holds bytes until the request has been answered, however that ends; false when they are too
   * many for now.
   */
  boolean hold(Context ctx, long bytes) {
    if (held.addAndGet(bytes) > most) {
      long unused = held.addAndGet(-bytes);
      return false;
    }
    Request.addCompletionListener(
        ServletContextRequest.getServletContextRequest(ctx.req()),
        failure -> {
          long unused = held.addAndGet(-bytes);
        });
    return true;
  }
}
