package io.howdah.server.http;

import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.kv.AsyncKeyValueStore;
import io.howdah.kv.Entry;
import io.howdah.kv.KvLimits;
import io.howdah.server.DurationText;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/kv/{namespace}/{key}}. Calls are asynchronous, so that no thread waits for the
 * database, and many requests share a statement.
 */
final class KvRoutes {
  private static final String READ = "GET, HEAD, PUT, DELETE";
  private static final String LIST = "GET, HEAD";

  private final Backend backend;
  private final KvPages pages;

  KvRoutes(Backend backend) {
    this.backend = backend;
    this.pages = new KvPages(backend);
  }

  void register(RoutesConfig routes) {
    String path = KvPath.PREFIX + "<path>";
    routes
        .get(path, this::get)
        .head(path, this::get)
        .put(path, this::put)
        .delete(path, this::delete)
        .post(path, this::post);
  }

  private void get(Context ctx) {
    KvPath path = KvPath.of(ctx.path());
    if (path.action() != null) {
      throw Problem.methodNotAllowed("POST");
    }
    if (path.key() == null) {
      pages.list(ctx, path.namespace());
    } else {
      read(ctx, path.namespace(), path.key());
    }
  }

  private void post(Context ctx) {
    KvPath path = KvPath.of(ctx.path());
    if (!KvPath.BATCH_GET.equals(path.action())) {
      throw Problem.methodNotAllowed(path.key() == null ? LIST : READ);
    }
    pages.batchGet(ctx, path.namespace());
  }

  /** A value of either kind. */
  private record Shown(Codec.Encoded value, long version, Optional<Instant> expiresAt) {
    static Shown json(Entry<String> entry) {
      return new Shown(Codec.Encoded.json(entry.value()), entry.version(), entry.expiresAt());
    }

    static Shown bytes(Entry<byte[]> entry) {
      return new Shown(Codec.Encoded.bytes(entry.value()), entry.version(), entry.expiresAt());
    }
  }

  private void read(Context ctx, String namespace, String key) {
    QueryParameters.refuseAll(ctx);
    Howdah howdah = backend.howdah();
    backend.answer(
        ctx,
        () ->
            howdah
                .kv(namespace, Codec.rawJson())
                .async()
                .getEntry(key)
                .thenApply(entry -> entry.map(Shown::json))
                .exceptionallyCompose(failure -> {
                  throwUnlessWrongKind(failure);
                  return howdah
                      .kv(namespace, Codec.bytes())
                      .async()
                      .getEntry(key)
                      .thenApply(entry -> entry.map(Shown::bytes));
                }),
        shown -> show(ctx, shown.orElseThrow(() -> absent(namespace, key))));
  }

  private static void throwUnlessWrongKind(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (!(cause instanceof HowdahException fault && fault.code() == ErrorCode.WRONG_KIND)) {
      throw new CompletionException(cause);
    }
  }

  private static void show(Context ctx, Shown shown) {
    ctx.header("ETag", Precondition.tag(shown.version())).header("Cache-Control", "no-cache");
    shown.expiresAt().ifPresent(end -> ctx.header("Howdah-Expires-At", end.toString()));
    if (Precondition.knows(ctx, shown.version())) {
      withoutBody(ctx, 304);
      return;
    }
    String json = shown.value().json();
    byte[] body =
        json == null
            ? Objects.requireNonNull(shown.value().bytes())
            : json.getBytes(StandardCharsets.UTF_8);
    ctx.contentType(json == null ? RequestBody.BYTES : RequestBody.JSON)
        .header("Content-Length", Integer.toString(body.length))
        .result(body);
  }

  private void put(Context ctx) {
    KvPath path = KvPath.of(ctx.path());
    String key = path.key();
    if (key == null) {
      throw Problem.methodNotAllowed(path.action() == null ? LIST : "POST");
    }
    Duration ttl =
        QueryParameters.of(ctx, "ttl")
            .get("ttl")
            .map(text -> DurationText.parse("ttl", text))
            .orElse(null);
    Precondition precondition = Precondition.ofPut(ctx);
    String contentType = RequestBody.contentType(ctx);
    byte[] body = RequestBody.bytes(ctx, KvLimits.VALUE_BYTES, backend.bytesInFlight());
    Howdah howdah = backend.howdah();
    backend.answer(
        ctx,
        () ->
            contentType.equals(RequestBody.JSON)
                ? write(
                    howdah.kv(path.namespace(), Codec.rawJson()).async(),
                    key,
                    RequestBody.text(body),
                    ttl,
                    precondition)
                : write(
                    howdah.kv(path.namespace(), Codec.bytes()).async(),
                    key,
                    body,
                    ttl,
                    precondition),
        version -> {
          long written = version.orElseThrow(() -> refused(precondition));
          withoutBody(
              ctx.header("ETag", Precondition.tag(written)),
              precondition.kind() == Precondition.Kind.ABSENT ? 201 : 204);
        });
  }

  private static <V> CompletionStage<OptionalLong> write(
      AsyncKeyValueStore<V> store,
      String key,
      V value,
      @Nullable Duration ttl,
      Precondition precondition) {
    return switch (precondition.kind()) {
      case NONE -> store.set(key, value, ttl).thenApply(OptionalLong::of);
      case ABSENT -> store.setIfAbsent(key, value, ttl);
      case PRESENT -> store.replace(key, value, ttl);
      case VERSION -> store.compareAndSet(key, precondition.version(), value, ttl);
      case NEVER -> throw refused(precondition);
    };
  }

  private void delete(Context ctx) {
    KvPath path = KvPath.of(ctx.path());
    String key = path.key();
    if (key == null) {
      throw Problem.methodNotAllowed(path.action() == null ? LIST : "POST");
    }
    QueryParameters.refuseAll(ctx);
    Precondition precondition = Precondition.ofDelete(ctx);
    AsyncKeyValueStore<byte[]> store = backend.howdah().kv(path.namespace(), Codec.bytes()).async();
    backend.answer(
        ctx,
        () ->
            switch (precondition.kind()) {
              case VERSION -> store.deleteIf(key, precondition.version());
              case NEVER -> throw refused(precondition);
              default -> store.delete(key);
            },
        deleted -> {
          if (!deleted) {
            throw precondition.kind() == Precondition.Kind.NONE
                ? absent(path.namespace(), key)
                : refused(precondition);
          }
          withoutBody(ctx, 204);
        });
  }

  private static void withoutBody(Context ctx, int status) {
    ctx.status(status).res().setContentType(null); // Javalin presumes text
  }

  private static Problem absent(String namespace, String key) {
    return Problem.notFound(
        "there is no value of '" + key + "' in the namespace '" + namespace + "'");
  }

  private static Problem refused(Precondition precondition) {
    return Problem.preconditionFailed(
        switch (precondition.kind()) {
          case ABSENT -> "there is a value already";
          case PRESENT -> "there is no value";
          default -> "the value has another version, or is absent";
        });
  }
}
