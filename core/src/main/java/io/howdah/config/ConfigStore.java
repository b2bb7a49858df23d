package io.howdah.config;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.HowdahException;
import io.howdah.Subscription;
import io.howdah.engine.Caller;
import io.howdah.engine.Listener;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.ObjectMapper;

/**
 * This process's snapshot of one namespace: read at the first use, and again when a notification
 * says that something has changed there; where none can be heard, in each poll interval. While the
 * database does not answer, the last snapshot goes on.
 */
public final class ConfigStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigStore.class);
  private static final String KIND = "kv";
  private static final long RETRY_SECONDS = 1;

  /** Who wants to know of the changes of one key. */
  private record Ear<V>(ConfigKey<V> key, Consumer<ConfigEvent<V>> listener) {
    void tell(ConfigSnapshot before, ConfigSnapshot after) {
      V old = before.value(key).value();
      V now = after.value(key).value();
      if (!Objects.equals(old, now)) {
        listener.accept(new ConfigEvent<>(key, old, now));
      }
    }
  }

  private final class Hearing implements Listener.Subscriber {
    /** Of another namespace, perhaps, whose name ends like this one's: it asks in vain then. */
    @Override
    public void onNotification(String payload) {
      if (payload.endsWith(" " + namespace)) {
        refreshSoon();
      }
    }

    @Override
    public void onResync() {
      refreshSoon();
    }
  }

  final String namespace;
  private final ObjectMapper mapper;
  private final Caller caller;
  private final Listener listener;
  private final Executor executor;
  private final List<Ear<?>> ears = new CopyOnWriteArrayList<>();
  private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();
  private final AtomicInteger undelivered = new AtomicInteger();

  /** Held while the database is asked: so an older answer never comes after a newer one. */
  private final ReentrantLock asking = new ReentrantLock();

  private final AtomicBoolean due = new AtomicBoolean();
  private volatile @Nullable ConfigSnapshot snapshot;
  private volatile Listener.@Nullable Feed feed;
  private volatile boolean failing;
  private volatile boolean closed;

  /** Waits for the first use. */
  public ConfigStore(
      String namespace, ObjectMapper mapper, Caller caller, Listener listener, Executor executor) {
    this.namespace = ConfigLimits.namespace(namespace);
    this.mapper = mapper;
    this.caller = caller;
    this.listener = listener;
    this.executor = executor;
  }

  ObjectMapper mapper() {
    return mapper;
  }

  /** The values; the first call, and those that come meanwhile, wait for the database. */
  ConfigSnapshot current() {
    ConfigSnapshot now = snapshot;
    return now == null ? refresh() : now;
  }

  /** What was committed before the call is in the snapshot after it. */
  @CanIgnoreReturnValue
  ConfigSnapshot refresh() {
    asking.lock();
    try {
      if (feed == null && !closed) {
        feed = listener.subscribe(KIND, new Hearing());
      }
      ConfigSnapshot before = snapshot;
      ConfigSnapshot now =
          new ConfigSnapshot(namespace, mapper, caller.call(ConfigOperation.LIST, namespace));
      if (failing) {
        LOG.info("the configuration {} can be read again", namespace);
        failing = false;
      }
      if (before != null) {
        Set<String> changed = now.since(before);
        if (changed.isEmpty()) {
          return before;
        }
        snapshot = now;
        announce(before, now, changed);
      }
      snapshot = now;
      return now;
    } finally {
      asking.unlock();
    }
  }

  /** This process has changed a value, and sees it now, if the database answers. */
  public void seeChange() {
    try {
      refresh();
    } catch (HowdahException e) {
      LOG.warn(
          "the configuration {} was changed, and this process sees it later: {}",
          namespace,
          e.getMessage());
      refreshLater();
    }
  }

  /** The listener's thread must not wait for the database. */
  private void refreshSoon() {
    if (!closed && due.compareAndSet(false, true) && !run(this::refreshIfPossible)) {
      due.set(false);
    }
  }

  private void refreshIfPossible() {
    due.set(false);
    if (closed) {
      return;
    }
    try {
      refresh();
    } catch (RuntimeException | Error e) {
      if (!failing && !closed) {
        LOG.warn(
            "the configuration {} cannot be read, so it stays as it was: {}",
            namespace,
            e.getMessage());
      }
      failing = true;
      refreshLater();
    }
  }

  /** It may have failed at the one notification of a change. */
  private void refreshLater() {
    if (!closed) {
      CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS).execute(this::refreshSoon);
    }
  }

  <V> Subscription listen(ConfigKey<V> key, Consumer<ConfigEvent<V>> listener) {
    ConfigSnapshot unused = current();
    Ear<V> ear = new Ear<>(key, listener);
    ears.add(ear);
    return () -> ears.remove(ear);
  }

  private void announce(ConfigSnapshot before, ConfigSnapshot now, Set<String> changed) {
    for (Ear<?> ear : ears) {
      if (changed.contains(ear.key().name())) {
        events.add(() -> ear.tell(before, now));
        if (undelivered.getAndIncrement() == 0 && !run(this::deliver)) {
          events.clear();
          undelivered.set(0);
        }
      }
    }
  }

  private void deliver() {
    do {
      Runnable event = Objects.requireNonNull(events.poll());
      try {
        event.run();
      } catch (RuntimeException | Error e) {
        LOG.error("a listener for the configuration {} failed", namespace, e);
      }
    } while (undelivered.decrementAndGet() > 0);
  }

  /** Whether it will be run. */
  private boolean run(Runnable work) {
    try {
      executor.execute(work);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.error("the executor takes no more work for the configuration {}", namespace, e);
      return false;
    }
  }

  /** Stops asking; what it knows stays. */
  @Override
  public void close() {
    closed = true;
    Listener.Feed heard = feed;
    if (heard != null) {
      heard.close();
    }
  }
}
