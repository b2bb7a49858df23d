package io.howdah.server.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams of server-sent events, of a bounded number. A stream has no thread while there is nothing
 * to send; what there is, one task at a time writes. When a client is gone, the next write tells: a
 * heartbeat, at the latest.
 */
final class EventStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
  private static final Duration TICK = Duration.ofMillis(500);

  /** Where the events of a stream come from. Called by one thread at a time. */
  interface Source extends AutoCloseable {
    /**
     * Writes what there is now.
     *
     * @return false when nothing will come any more
     */
    boolean write(EventWriter to) throws IOException;

    @Override
    void close();
  }

  /** Makes a source. {@code wake} says that it has something, from any thread. */
  interface Opening {
    Source open(Runnable wake);
  }

  private final Executor executor;
  private final Semaphore free;
  private final int most;
  private final long heartbeatNanos;
  private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "howdah-http-streams");
        thread.setDaemon(true);
        return thread;
      });
  private volatile boolean closed;

  EventStreams(Executor executor, int most, Duration heartbeat) {
    this.executor = executor;
    this.free = new Semaphore(most);
    this.most = most;
    this.heartbeatNanos = heartbeat.toNanos();
    var unused =
        clock.scheduleWithFixedDelay(
            () -> streams.forEach(Stream::wake),
            TICK.toMillis(),
            Math.min(TICK.toNanos(), heartbeatNanos) / 1_000_000,
            TimeUnit.MILLISECONDS);
  }

  /** Answers a request with a stream. What {@code opening} throws is its answer instead. */
  void answer(Context ctx, Opening opening) {
    if (!free.tryAcquire()) {
      throw new Problem(
              503,
              "UNAVAILABLE",
              "at most " + most + " streams are open at a time; try again later")
          .header("Retry-After", "1");
    }
    Stream stream = new Stream();
    EventWriter to;
    try {
      stream.source = opening.open(stream::wake);
      ctx.contentType("text/event-stream").header("Cache-Control", "no-store");
      // What is between must not collect before it passes on.
      ctx.header("X-Accel-Buffering", "no");
      to = new EventWriter(ctx.res().getOutputStream());
    } catch (IOException e) {
      stream.end();
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      stream.end();
      throw e;
    }
    ctx.future(() -> {
      // Not before the request is asynchronous: then anybody may write.
      stream.out = to;
      streams.add(stream);
      stream.wake();
      if (closed) {
        stream.end();
      }
      return stream.over;
    });
  }

  /** How many are open. */
  int open() {
    return most - free.availablePermits();
  }

  private final class Stream {
    final CompletableFuture<Void> over = new CompletableFuture<>();
    private final AtomicInteger wakeups = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable Source source;
    private volatile @Nullable EventWriter out;
    private long sentAt = System.nanoTime() - heartbeatNanos;

    void wake() {
      // Until the response is there, and while somebody writes: he looks again.
      if (out != null && !ended.get() && wakeups.getAndIncrement() == 0) {
        try {
          executor.execute(this::write);
        } catch (RejectedExecutionException e) {
          end();
        }
      }
    }

    private void write() {
      EventWriter to = out;
      Source from = source;
      if (to == null || from == null) {
        return;
      }
      int seen = wakeups.get();
      try {
        while (!ended.get()) {
          long before = to.events();
          boolean more = from.write(to);
          if (to.events() == before && System.nanoTime() - sentAt >= heartbeatNanos) {
            to.comment();
          }
          if (to.flush()) {
            sentAt = System.nanoTime();
          }
          if (!more) {
            end();
          }
          int left = wakeups.addAndGet(-seen);
          if (left == 0) {
            return;
          }
          seen = left;
        }
      } catch (IOException e) {
        LOG.debug("the client of a stream is gone", e);
        end();
      } catch (RuntimeException | Error e) {
        LOG.error("a stream failed", e);
        end();
      }
    }

    void end() {
      if (!ended.compareAndSet(false, true)) {
        return;
      }
      streams.remove(this);
      Source from = source;
      if (from != null) {
        from.close();
      }
      free.release();
      boolean unused = over.complete(null);
    }
  }

  /** Writes events, as the format wants them. */
  static final class EventWriter {
    private final OutputStream out;
    private long events;
    private boolean unflushed;

    EventWriter(OutputStream out) {
      this.out = out;
    }

    /**
     * An event.
     *
     * @param name null for a message
     * @param id where to go on after it; null when it has none
     * @param data of one line
     */
    void event(@Nullable String name, @Nullable String id, String data) throws IOException {
      String text =
          (name == null ? "" : "event: " + name + "\n")
              + (id == null ? "" : "id: " + id + "\n")
              + "data: "
              + data
              + "\n\n";
      out.write(text.getBytes(StandardCharsets.UTF_8));
      events++;
      unflushed = true;
    }

    void comment() throws IOException {
      out.write(":\n\n".getBytes(StandardCharsets.UTF_8));
      unflushed = true;
    }

    private long events() {
      return events;
    }

    private boolean flush() throws IOException {
      if (!unflushed) {
        return false;
      }
      out.flush();
      unflushed = false;
      return true;
    }
  }

  /** Ends all streams. */
  @Override
  public void close() {
    closed = true;
    clock.shutdownNow();
    streams.forEach(Stream::end);
  }
}
