package io.howdah.flag;

import io.howdah.HowdahException;
import io.howdah.Subscription;
import io.howdah.engine.Caller;
import io.howdah.engine.Listener;
import io.howdah.flag.FlagOperation.Loaded;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's snapshot of the flags. It is read at the first use, and from then on looked after
 * by one daemon thread, which asks whether there is anything new when it hears of a change, and in
 * each interval (where it hears, in every tenth): one statement, that reads one row when there is
 * not. While the database does not answer, the last snapshot goes on.
 */
public final class FlagStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FlagStore.class);

  /** Postgres's time at a moment of this process's; that of asking, so it is late if anything. */
  private record Clock(long postgresMicros, long nanos) {
    long nowMicros() {
      return postgresMicros + TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - nanos);
    }
  }

  /** How many intervals go by without asking, while changes are heard of. */
  private static final int INTERVALS_WHILE_LIVE = 10;

  /** After a failure it asks again no later: it may have failed at a change that it heard of. */
  private static final Duration LONGEST_PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final Caller caller;
  private final Listener listener;
  private final String threadName;
  private final Duration interval;
  private final Executor executor;
  private final List<Consumer<FlagEvent>> listeners = new CopyOnWriteArrayList<>();
  private final Queue<FlagEvent> events = new ConcurrentLinkedQueue<>();
  private final AtomicInteger undelivered = new AtomicInteger();

  /** Held while the database is asked: so an older answer never comes after a newer one. */
  private final ReentrantLock asking = new ReentrantLock();

  private volatile @Nullable FlagSnapshot snapshot;
  private volatile @Nullable Clock clock;
  private volatile @Nullable String trouble;
  private volatile @Nullable Thread poller;
  private volatile Listener.@Nullable Feed feed;
  private volatile boolean asked;
  private volatile boolean closed;

  /**
   * Waits for the first use.
   *
   * @param listener tells of changes, where it can
   * @param threadName of its thread
   * @param interval how often it asks for changes
   * @param executor runs listeners, one event after the other
   */
  public FlagStore(
      Caller caller, Listener listener, String threadName, Duration interval, Executor executor) {
    this.caller = caller;
    this.listener = listener;
    this.threadName = threadName;
    this.interval = interval;
    this.executor = executor;
  }

  /**
   * The flags. The first call reads them, and so do those that come meanwhile; when that fails, no
   * call waits again: the thread goes on trying.
   *
   * @return null when they could not be read yet
   */
  @Nullable FlagSnapshot current() {
    FlagSnapshot now = snapshot;
    return now != null || trouble != null ? now : first();
  }

  private @Nullable FlagSnapshot first() {
    asking.lock();
    try {
      if (snapshot == null && trouble == null) {
        refreshIfPossible();
      }
      return snapshot;
    } finally {
      asking.unlock();
    }
  }

  private void startPolling() {
    if (poller == null && !closed) {
      Thread thread = new Thread(this::poll, threadName);
      thread.setDaemon(true);
      poller = thread;
      thread.start();
      feed = listener.subscribe("flag", new Ears());
    }
  }

  /** The thread asks: the listener's must not wait for the database. */
  private final class Ears implements Listener.Subscriber {
    @Override
    public void onNotification(String name) {
      onResync();
    }

    @Override
    public void onResync() {
      asked = true;
      LockSupport.unpark(poller);
    }

    @Override
    public void onPoll() {
      // It polls by itself.
    }
  }

  private void poll() {
    while (!closed) {
      pause();
      asked = false;
      if (!closed) {
        refreshIfPossible();
      }
    }
  }

  /** Until it hears of a change, or has to ask by itself. */
  private void pause() {
    long nanos = interval.toNanos();
    if (trouble != null) {
      nanos = Math.min(nanos, LONGEST_PAUSE_AFTER_FAILURE.toNanos());
    }
    for (int i = 0; i < INTERVALS_WHILE_LIVE && !asked && !closed; i++) {
      LockSupport.parkNanos(this, nanos);
      Listener.Feed live = feed;
      if (trouble != null || live == null || !live.isLive()) {
        return;
      }
    }
  }

  private void refreshIfPossible() {
    try {
      refresh();
    } catch (HowdahException e) {
      LOG.debug("the flags could not be asked for", e);
    } catch (RuntimeException | Error e) {
      // Its thread goes on whatever happens: nobody else would see what changes.
      LOG.error("the flags could not be asked for", e);
    }
  }

  /**
   * Asks the database for what is new, now: all that was committed before the call is in the
   * snapshot after it.
   *
   * @throws HowdahException when the database does not answer; the snapshot stays as it is then
   */
  public void refresh() {
    asking.lock();
    try {
      startPolling();
      FlagSnapshot before = snapshot;
      long asked = System.nanoTime();
      Loaded loaded = caller.call(FlagOperation.SNAPSHOT, before == null ? "" : before.stamp());
      clock = new Clock(FlagJson.micros(loaded.readAt()), asked);
      if (before == null || !before.stamp().equals(loaded.stamp())) {
        FlagSnapshot now = FlagSnapshot.of(loaded, before);
        snapshot = now;
        if (before != null && !listeners.isEmpty()) {
          announce(now.since(before));
        }
      }
      if (trouble != null) {
        LOG.info("the flags can be read again");
        trouble = null;
      }
    } catch (RuntimeException | Error e) {
      String message = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
      if (trouble == null && !closed) {
        LOG.warn(
            "the flags cannot be read, {}: {}",
            snapshot == null ? "so all have their defaults" : "so they stay as they were",
            message);
      }
      trouble = message;
      Thread thread = poller;
      if (thread != Thread.currentThread()) {
        // It may have been the caller's failure, an interrupt, and the thread not be due for long.
        LockSupport.unpark(thread);
      }
      throw e;
    } finally {
      asking.unlock();
    }
  }

  /** This process has changed a flag, and sees it now, if the database answers. */
  public void seeChange() {
    try {
      refresh();
    } catch (HowdahException e) {
      LOG.warn("a flag was changed, and this process sees it later: {}", e.getMessage());
    }
  }

  /** Postgres's time in microseconds since 1970, as far as it is known without asking. */
  long nowMicros() {
    return Objects.requireNonNull(clock, "there is a clock with each snapshot").nowMicros();
  }

  /**
   * Tells {@code listener}, on the executor and one event after the other, what changes from now
   * on. What it throws is logged.
   */
  Subscription listen(Consumer<FlagEvent> listener) {
    listeners.add(listener);
    FlagSnapshot unused = current();
    return () -> listeners.remove(listener);
  }

  private void announce(List<FlagEvent> all) {
    events.addAll(all);
    if (all.isEmpty() || undelivered.getAndAdd(all.size()) > 0) {
      return; // who delivers now goes on with these
    }
    try {
      executor.execute(this::deliver);
    } catch (RejectedExecutionException e) {
      events.clear();
      undelivered.set(0);
      LOG.error("changes of flags were not told: the executor takes no more work", e);
    }
  }

  private void deliver() {
    do {
      FlagEvent event = Objects.requireNonNull(events.poll());
      for (Consumer<FlagEvent> listener : listeners) {
        try {
          listener.accept(event);
        } catch (RuntimeException | Error e) {
          LOG.error("a listener for flags failed at {}", event.name(), e);
        }
      }
    } while (undelivered.decrementAndGet() > 0);
  }

  FlagStatus status() {
    FlagSnapshot now = snapshot;
    Clock read = clock;
    return new FlagStatus(
        now != null,
        now == null ? 0 : now.revision(),
        now == null ? 0 : now.size(),
        Optional.ofNullable(read).map(known -> Duration.ofNanos(System.nanoTime() - known.nanos())),
        Optional.ofNullable(trouble));
  }

  /** What is wrong, in words; empty when all is well, or flags are not used. */
  public Optional<String> trouble() {
    FlagStatus status = status();
    return status
        .trouble()
        .map(why ->
            status
                .age()
                .map(age -> "flags are as they were " + age.toSeconds() + " s ago: " + why)
                .orElse("flags have their defaults, they could not be read yet: " + why));
  }

  /** Stops asking; what it knows stays. */
  @Override
  public void close() {
    closed = true;
    Listener.Feed heard = feed;
    if (heard != null) {
      heard.close();
    }
    Thread thread = poller;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
