package io.howdah.channel;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Subscription;
import io.howdah.channel.ChannelOperation.Page;
import io.howdah.channel.ChannelOperation.Place;
import io.howdah.engine.Engine;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a retained channel for one subscriber: page after page, until there is nothing more; then
 * when it is woken. It has no thread, and holds one page at most.
 */
final class RetainedReader implements ChannelSubscription, Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(RetainedReader.class);

  private static final int PAGE = 500;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(2);
  private static final Duration FIRST_PAUSE_AFTER_FAILURE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** To try again helps with none of these. */
  private static final Set<ErrorCode> FINAL =
      EnumSet.of(
          ErrorCode.MESSAGES_LOST,
          ErrorCode.NOT_RETAINED,
          ErrorCode.INVALID_ARGUMENT,
          ErrorCode.CLOSED);

  private final String channel;
  private final RetainedHandler handler;
  private final Engine engine;
  private final Executor executor;
  private final Duration pollInterval;
  private final BooleanSupplier live;

  private final ReentrantLock lock = new ReentrantLock();
  private boolean isBusy;
  private boolean isAsked;
  private volatile boolean isOver;

  /** Of whoever is busy. */
  private @Nullable String cursor;

  private long pauseNanos;

  private volatile @Nullable Subscription watch;

  RetainedReader(
      String channel,
      @Nullable String cursor,
      RetainedHandler handler,
      Engine engine,
      Executor executor,
      Duration pollInterval,
      BooleanSupplier live) {
    this.channel = channel;
    this.cursor = cursor;
    this.handler = handler;
    this.engine = engine;
    this.executor = executor;
    this.pollInterval = pollInterval;
    this.live = live;
  }

  /** Reads what there is, and from then on when {@link #run} says so. */
  void begin(Subscription wakeups) {
    watch = wakeups;
    run();
  }

  /** There may be something to read. Returns at once. */
  @Override
  public void run() {
    lock.lock();
    try {
      isAsked = true;
      if (isBusy || isOver) {
        return;
      }
      isBusy = true;
    } finally {
      lock.unlock();
    }
    fetch();
  }

  private void fetch() {
    lock.lock();
    try {
      isAsked = false;
    } finally {
      lock.unlock();
    }
    try {
      var unused =
          engine
              .callAsync(ChannelOperation.FETCH, new Place(channel, cursor, PAGE))
              .whenCompleteAsync(this::fetched, executor);
    } catch (HowdahException e) {
      end(e);
    } catch (RejectedExecutionException e) {
      LOG.error("the channel {} is read no further: the executor takes no more work", channel, e);
      close();
    }
  }

  private void fetched(@Nullable Page page, @Nullable Throwable failure) {
    if (isOver) {
      return;
    }
    if (page == null) {
      failed(failure);
      return;
    }
    for (RetainedMessage message : page.messages()) {
      if (isOver || engine.isClosed()) {
        return;
      }
      try {
        handler.onMessage(message);
      } catch (RuntimeException | Error e) {
        LOG.error("a subscriber to the channel {} failed; its message comes again", channel, e);
        pauseAndFetch(FIRST_PAUSE_AFTER_FAILURE, LONGEST_PAUSE);
        return;
      }
      cursor = message.cursor();
      pauseNanos = 0;
    }
    if (!page.isPending()) {
      pauseNanos = 0;
      rest();
    } else if (page.messages().isEmpty()) {
      // Somebody who began before has not ended yet. Nobody tells when he has.
      pauseAndFetch(FIRST_PAUSE, pollInterval);
    } else {
      fetch();
    }
  }

  /** Until it is woken; it may have been meanwhile. */
  private void rest() {
    lock.lock();
    try {
      if (!isAsked) {
        isBusy = false;
        return;
      }
    } finally {
      lock.unlock();
    }
    fetch();
  }

  private void failed(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof HowdahException fault && FINAL.contains(fault.code())) {
      end(fault);
      return;
    }
    LOG.debug("the channel {} could not be read", channel, cause);
    pauseAndFetch(FIRST_PAUSE_AFTER_FAILURE, LONGEST_PAUSE);
  }

  private void pauseAndFetch(Duration first, Duration longest) {
    long pause = Math.min(Math.max(pauseNanos * 2, first.toNanos()), longest.toNanos());
    pauseNanos = pause;
    CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS, Runnable::run)
        .execute(() -> {
          if (!isOver) {
            fetch();
          }
        });
  }

  private void end(HowdahException reason) {
    if (isOver) {
      return;
    }
    close();
    if (reason.code() == ErrorCode.CLOSED) {
      return;
    }
    try {
      handler.onEnd(reason);
    } catch (RuntimeException | Error e) {
      LOG.error("a subscriber to the channel {} failed", channel, e);
    }
  }

  @Override
  public boolean isLive() {
    return !isOver && live.getAsBoolean();
  }

  /** What is retained is not dropped. */
  @Override
  public long dropped() {
    return 0;
  }

  @Override
  public void close() {
    isOver = true;
    Subscription wakeups = watch;
    if (wakeups != null) {
      wakeups.close();
    }
  }
}
