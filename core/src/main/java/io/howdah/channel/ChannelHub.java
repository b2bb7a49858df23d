package io.howdah.channel;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Subscription;
import io.howdah.channel.ChannelOperation.Found;
import io.howdah.channel.ChannelOperation.Named;
import io.howdah.channel.Notification.Part;
import io.howdah.engine.Engine;
import io.howdah.engine.Listener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what the one listener of the process hears to all who have subscribed. The listener's
 * thread puts messages into mailboxes, and waits for nobody; what a notification only names is read
 * over the engine meanwhile, and what comes behind that waits for it, so that all stay in order.
 */
public final class ChannelHub implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChannelHub.class);

  /** How much may wait for something to be read. */
  private static final int MOST_WAITING = 2_000;

  /** How many named messages are read at a time: they may be large. */
  private static final int NAMED_AT_A_TIME = 16;

  private record Pattern(Predicate<String> glob, Mailbox mailbox) {}

  private final Engine engine;
  private final Listener listener;
  private final Duration pollInterval;
  private final Executor executor;

  private final Map<String, List<Mailbox>> byChannel = new ConcurrentHashMap<>();
  private final List<Pattern> patterns = new CopyOnWriteArrayList<>();

  /** Who wants to look when there is something new in a retained channel: readers, most of them. */
  private final Map<String, List<Runnable>> watchers = new ConcurrentHashMap<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition joined = lock.newCondition();
  private Listener.@Nullable Feed feed;
  private boolean closed;

  /** What waits behind something that is being read; not empty while it is. */
  private final ArrayDeque<Part> waiting = new ArrayDeque<>();

  private boolean isReading;

  /**
   * Opens nothing until somebody subscribes.
   *
   * @param pollInterval how long a reader of a retained channel waits at most before it looks again
   *     for what it could not read yet
   * @param executor runs subscribers
   */
  public ChannelHub(Engine engine, Listener listener, Duration pollInterval, Executor executor) {
    this.engine = engine;
    this.listener = listener;
    this.pollInterval = pollInterval;
    this.executor = executor;
  }

  private final class Ears implements Listener.Subscriber {
    @Override
    public void onNotification(String payload) {
      hear(payload);
    }

    @Override
    public void onResync() {
      resync();
    }

    @Override
    public void onPoll() {
      wakeWatchers();
      if (listener.figures().state() == Listener.State.POLLING) {
        HowdahException reason = noPush();
        mailboxes().forEach(mailbox -> mailbox.end(reason));
      }
    }
  }

  // Subscribing.

  ChannelSubscription subscribe(
      String channel, MessageHandler handler, SubscriptionSettings settings, boolean waits) {
    return add(
        handler,
        settings,
        waits,
        mailbox -> byChannel.compute(channel, (name, all) -> with(all, mailbox)),
        mailbox -> byChannel.computeIfPresent(channel, (name, all) -> without(all, mailbox)));
  }

  ChannelSubscription subscribePattern(
      String pattern, MessageHandler handler, SubscriptionSettings settings, boolean waits) {
    Glob glob = new Glob(pattern);
    return add(
        handler,
        settings,
        waits,
        mailbox -> patterns.add(new Pattern(glob, mailbox)),
        mailbox -> patterns.removeIf(one -> one.mailbox() == mailbox));
  }

  private Executor orOwn(@Nullable Executor given) {
    return given == null ? executor : given;
  }

  private static <T> List<T> with(@Nullable List<T> all, T one) {
    List<T> more = all == null ? new ArrayList<>() : new ArrayList<>(all);
    more.add(one);
    return List.copyOf(more);
  }

  private static <T> @Nullable List<T> without(List<T> all, T one) {
    List<T> fewer = all.stream().filter(other -> !other.equals(one)).toList();
    return fewer.isEmpty() ? null : fewer;
  }

  private ChannelSubscription add(
      MessageHandler handler,
      SubscriptionSettings settings,
      boolean waits,
      Consumer<Mailbox> enter,
      Consumer<Mailbox> leave) {
    Listener.Feed heard = listen();
    if (listener.figures().state() == Listener.State.POLLING) {
      throw noPush();
    }
    Mailbox mailbox =
        new Mailbox(handler, settings, orOwn(handler.executor()), heard::isLive, leave);
    lock.lock();
    try {
      if (closed) {
        throw closed();
      }
      enter.accept(mailbox);
      if (waits) {
        awaitLive(heard);
      }
      mailbox.isPromised = true;
    } finally {
      lock.unlock();
    }
    if (listener.figures().state() == Listener.State.POLLING) {
      mailbox.close();
      throw noPush();
    }
    return mailbox;
  }

  private void awaitLive(Listener.Feed heard) {
    long left = engine.settings().callTimeout().toNanos();
    try {
      while (!heard.isLive()
          && !closed
          && left > 0
          && listener.figures().state() != Listener.State.POLLING) {
        // It is told a moment before that holds, and not when the listener gives up.
        long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(5));
        left -= slice - joined.awaitNanos(slice);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  ChannelSubscription read(String channel, @Nullable String cursor, RetainedHandler handler) {
    Listener.Feed heard = listen();
    RetainedReader reader =
        new RetainedReader(
            channel,
            cursor,
            handler,
            engine,
            orOwn(handler.executor()),
            pollInterval,
            heard::isLive);
    reader.begin(watch(channel, reader));
    return reader;
  }

  /** Has {@code watcher} run, on the listener's thread, when a retained channel may have more. */
  Subscription watch(String channel, Runnable watcher) {
    Listener.Feed unused = listen();
    lock.lock();
    try {
      if (closed) {
        throw closed();
      }
      watchers.compute(channel, (name, all) -> with(all, watcher));
    } finally {
      lock.unlock();
    }
    return () -> watchers.computeIfPresent(channel, (name, all) -> without(all, watcher));
  }

  private Listener.Feed listen() {
    lock.lock();
    try {
      if (closed) {
        throw closed();
      }
      Listener.Feed heard = feed;
      if (heard == null) {
        heard = listener.subscribe("channel", new Ears());
        feed = heard;
      }
      return heard;
    } finally {
      lock.unlock();
    }
  }

  private static HowdahException closed() {
    return new HowdahException(ErrorCode.CLOSED, "this Howdah is closed");
  }

  private HowdahException noPush() {
    return new HowdahException(
        ErrorCode.NO_PUSH,
        "no notification can be heard, so nothing would come: "
            + listener.figures().trouble().orElse("listening is switched off")
            + "; a retained channel can be read all the same");
  }

  // Hearing.

  private List<Mailbox> mailboxes() {
    List<Mailbox> all = new ArrayList<>();
    byChannel.values().forEach(all::addAll);
    patterns.forEach(pattern -> all.add(pattern.mailbox()));
    return all;
  }

  private void wakeWatchers() {
    watchers.values().forEach(all -> all.forEach(Runnable::run));
  }

  private void resync() {
    lock.lock();
    try {
      waiting.clear();
      for (Mailbox mailbox : mailboxes()) {
        if (mailbox.isPromised) {
          mailbox.gap();
        }
      }
      joined.signalAll();
    } finally {
      lock.unlock();
    }
    wakeWatchers();
  }

  private void hear(String text) {
    if (byChannel.isEmpty() && patterns.isEmpty() && watchers.isEmpty()) {
      return;
    }
    List<Part> parts = Notification.parse(text);
    if (parts == null) {
      LOG.debug("a notification that is none of this library's");
      return;
    }
    lock.lock();
    try {
      for (Part part : parts) {
        if (part.isRetained()) {
          watchers.getOrDefault(part.channel(), List.of()).forEach(Runnable::run);
        }
        pass(part);
      }
    } finally {
      lock.unlock();
    }
  }

  private void pass(Part part) {
    String payload = part.payload();
    if (payload != null && !isReading) {
      deliver(new Message(part.channel(), payload));
    } else if (isWanted(part.channel())) {
      if (waiting.size() >= MOST_WAITING) {
        waiting.clear();
        mailboxes().forEach(Mailbox::gap);
      }
      waiting.add(part);
      readNext();
    }
  }

  private boolean isWanted(String channel) {
    return byChannel.containsKey(channel)
        || patterns.stream().anyMatch(pattern -> pattern.glob().test(channel));
  }

  private void deliver(Message message) {
    forEach(message.channel(), mailbox -> mailbox.put(message));
  }

  private void forEach(String channel, Consumer<Mailbox> what) {
    byChannel.getOrDefault(channel, List.of()).forEach(what);
    for (Pattern pattern : patterns) {
      if (pattern.glob().test(channel)) {
        what.accept(pattern.mailbox());
      }
    }
  }

  // Reading what is only named. All under the lock.

  private void readNext() {
    if (isReading) {
      return;
    }
    List<Part> parts = new ArrayList<>();
    List<Named> named = new ArrayList<>();
    Part part;
    while (named.size() < NAMED_AT_A_TIME && (part = waiting.poll()) != null) {
      if (part.named() != null) {
        named.add(part.named());
      }
      parts.add(part);
    }
    if (named.isEmpty()) {
      parts.forEach(one -> pass(one, List.of(), 0));
      return;
    }
    isReading = true;
    try {
      var unused =
          engine
              .callAsync(ChannelOperation.NAMED, named)
              .whenComplete((found, failure) -> wereRead(parts, found, failure));
    } catch (HowdahException e) {
      wereRead(parts, null, e);
    }
  }

  private void wereRead(
      List<Part> parts, @Nullable List<Found> found, @Nullable Throwable failure) {
    lock.lock();
    try {
      isReading = false;
      if (found == null) {
        LOG.warn("messages could not be read: {}", String.valueOf(failure));
      }
      int position = 0;
      for (Part part : parts) {
        pass(part, found == null ? List.of() : found, position);
        position += part.named() == null ? 0 : 1;
      }
      readNext();
    } finally {
      lock.unlock();
    }
  }

  private void pass(Part part, List<Found> found, int position) {
    String payload = part.payload();
    if (payload != null) {
      deliver(new Message(part.channel(), payload));
      return;
    }
    List<Found> own = found.stream().filter(one -> one.position() == position).toList();
    if (own.isEmpty()) {
      forEach(part.channel(), Mailbox::gap);
    }
    own.forEach(one -> deliver(new Message(part.channel(), one.payload())));
  }

  /** Ends all subscriptions; what is just being told comes to its end. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (feed != null) {
        feed.close();
      }
      waiting.clear();
      joined.signalAll();
    } finally {
      lock.unlock();
    }
    mailboxes().forEach(Mailbox::close);
    watchers.clear();
  }
}
