package io.howdah.server.http;

import io.howdah.Howdah;
import io.javalin.http.Context;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the routes work on, once it is there: HTTP answers while the database is still starting. */
final class Backend {
  private final Executor responses;
  private final BytesInFlight bytesInFlight;
  private volatile @Nullable Ready ready;

  private record Ready(Howdah howdah, ServerInfo info) {}

  Backend(Executor responses, BytesInFlight bytesInFlight) {
    this.responses = responses;
    this.bytesInFlight = bytesInFlight;
  }

  void ready(Howdah howdah, ServerInfo info) {
    ready = new Ready(howdah, info);
  }

  Howdah howdah() {
    return required().howdah();
  }

  ServerInfo info() {
    return required().info();
  }

  private Ready required() {
    Ready now = ready;
    if (now == null) {
      throw new Problem(503, "UNAVAILABLE", "the server is starting").header("Retry-After", "1");
    }
    return now;
  }

  BytesInFlight bytesInFlight() {
    return bytesInFlight;
  }

  /**
   * Makes an asynchronous call, and writes its answer; never on the library's threads, which a
   * client that reads slowly would hold up.
   */
  <T> void answer(Context ctx, Supplier<CompletionStage<T>> call, Consumer<T> write) {
    ctx.future(() -> call.get().thenAcceptAsync(write, responses).toCompletableFuture());
  }
}
