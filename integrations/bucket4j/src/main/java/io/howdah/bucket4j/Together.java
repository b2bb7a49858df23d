package io.howdah.bucket4j;

import io.github.bucket4j.distributed.remote.CommandResult;
import io.github.bucket4j.distributed.remote.MultiResult;
import io.github.bucket4j.distributed.remote.RemoteCommand;
import io.github.bucket4j.distributed.remote.Request;
import io.github.bucket4j.distributed.remote.commands.MultiCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The requests of this process to one bucket. Of those that race only one could win, and the others
 * would have to begin anew. So while one is on its way the others wait, and go together as one when
 * it is back.
 *
 * @param <K> the type of the keys
 */
final class Together<K> {
  /** Sends a request by itself. */
  interface Sender<K> {
    <T> CompletableFuture<CommandResult<T>> send(K key, Request<T> request);
  }

  private record Waiting<T>(Request<T> request, CompletableFuture<CommandResult<T>> answer) {
    Waiting(Request<T> request) {
      this(request, new CompletableFuture<>());
    }

    @SuppressWarnings("unchecked") // it is the answer to this request
    void answered(CommandResult<?> result) {
      answer.complete((CommandResult<T>) result);
    }

    void failed(Throwable failure) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
      answer.completeExceptionally(cause == null ? failure : cause);
    }
  }

  private final Function<? super K, String> texts;
  private final Sender<K> sender;

  /** By the text of each key that a request is on its way to: those that wait for it. */
  private final ConcurrentHashMap<String, List<Waiting<?>>> waiting = new ConcurrentHashMap<>();

  Together(Function<? super K, String> texts, Sender<K> sender) {
    this.texts = texts;
    this.sender = sender;
  }

  /** Sends a request, alone or with others. */
  <T> CompletableFuture<CommandResult<T>> send(K key, Request<T> request) {
    String text = texts.apply(key);
    Waiting<T> own = new Waiting<>(request);
    if (isFirst(text, own)) {
      sendAll(key, text, List.of(own));
    }
    return own.answer();
  }

  /**
   * Sends a request, on the calling thread if no other one is on its way.
   *
   * @param directly sends it
   * @param waiter waits for the answer that it has with others
   */
  <T> CommandResult<T> send(
      K key,
      Request<T> request,
      Supplier<CommandResult<T>> directly,
      Function<CompletableFuture<CommandResult<T>>, CommandResult<T>> waiter) {
    String text = texts.apply(key);
    Waiting<T> own = new Waiting<>(request);
    if (!isFirst(text, own)) {
      return waiter.apply(own.answer());
    }
    try {
      return directly.get();
    } finally {
      sendNext(key, text);
    }
  }

  /** Whether no request is on its way, so that this one may go; otherwise it waits. */
  private boolean isFirst(String text, Waiting<?> own) {
    AtomicBoolean first = new AtomicBoolean();
    waiting.compute(
        text,
        (same, others) -> {
          if (others == null) {
            first.set(true);
            return new ArrayList<>();
          }
          others.add(own);
          return others;
        });
    return first.get();
  }

  private void sendNext(K key, String text) {
    List<Waiting<?>> next = new ArrayList<>();
    waiting.computeIfPresent(
        text,
        (same, queue) -> {
          next.addAll(queue);
          queue.clear();
          return next.isEmpty() ? null : queue;
        });
    if (!next.isEmpty()) {
      sendAll(key, text, next);
    }
  }

  private void sendAll(K key, String text, List<Waiting<?>> all) {
    if (all.size() == 1) {
      sendOne(key, text, all.get(0));
      return;
    }
    List<RemoteCommand<?>> commands = new ArrayList<>();
    all.forEach(each -> commands.add(each.request().getCommand()));
    MultiCommand together = MultiCommand.merge(commands);
    // of one manager, so that they differ in their commands only
    Request<?> any = all.get(0).request();
    Request<MultiResult> request =
        new Request<>(
            together,
            any.getBackwardCompatibilityVersion(),
            any.getClientSideTime(),
            any.getExpirationStrategy());
    var unused =
        sent(key, request)
            .thenApply(together::unwrap)
            .whenComplete((results, failure) -> {
              sendNext(key, text);
              for (int i = 0; i < all.size(); i++) {
                if (failure == null) {
                  all.get(i).answered(results.get(i));
                } else {
                  all.get(i).failed(failure);
                }
              }
            });
  }

  private <T> void sendOne(K key, String text, Waiting<T> one) {
    var unused =
        sent(key, one.request())
            .whenComplete((result, failure) -> {
              sendNext(key, text);
              if (failure == null) {
                one.answered(result);
              } else {
                one.failed(failure);
              }
            });
  }

  /** What the sender throws at once is an answer as well. */
  private <T> CompletableFuture<CommandResult<T>> sent(K key, Request<T> request) {
    try {
      return sender.send(key, request);
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
