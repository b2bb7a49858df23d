package io.howdah.channel;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for one subscriber. Whoever puts something in does not wait; the subscriber is told on
 * the executor, where one task at a time empties it.
 */
final class Mailbox implements ChannelSubscription {
  private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);

  private static final long MOST_CHARACTERS = 16 << 20;

  /** After so many, others on the executor have their turn. */
  private static final int AT_A_TIME = 256;

  /** Stands among the messages where some may be missing: no channel has an empty name. */
  private static final Message GAP = new Message("", "");

  private final MessageHandler handler;
  private final SubscriptionSettings settings;
  private final Executor executor;
  private final BooleanSupplier live;
  private final Consumer<Mailbox> forget;

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Message> waiting = new ArrayDeque<>();
  private long characters;
  private boolean isEmptying;
  private long dropped;
  private long untold;
  private boolean isOver;
  private @Nullable HowdahException reason;

  /** Whether it has been promised messages: by then what it misses is a gap. Of the hub. */
  boolean isPromised;

  Mailbox(
      MessageHandler handler,
      SubscriptionSettings settings,
      Executor executor,
      BooleanSupplier live,
      Consumer<Mailbox> forget) {
    this.handler = handler;
    this.settings = settings;
    this.executor = executor;
    this.live = live;
    this.forget = forget;
  }

  void put(Message message) {
    boolean ends = false;
    lock.lock();
    try {
      if (isOver) {
        return;
      }
      long size = message.payload().length();
      while (isFullFor(size) && !ends) {
        switch (settings.whenFull()) {
          case DROP_OLDEST -> {
            Message oldest = waiting.pollFirst();
            if (oldest != null && !isGap(oldest)) {
              characters -= oldest.payload().length();
              dropped++;
              untold++;
            }
          }
          case DROP_NEWEST -> {
            dropped++;
            untold++;
            return;
          }
          case END -> ends = true;
        }
      }
      if (!ends) {
        waiting.add(message);
        characters += size;
        startEmptying();
      }
    } finally {
      lock.unlock();
    }
    if (ends) {
      end(
          new HowdahException(
              ErrorCode.SLOW_SUBSCRIBER,
              "the subscriber is slower than its messages: "
                  + settings.bufferMessages()
                  + " wait"));
    }
  }

  private static boolean isGap(Message message) {
    return message.channel().isEmpty();
  }

  private boolean isFullFor(long size) {
    return !waiting.isEmpty()
        && (waiting.size() >= settings.bufferMessages() || characters + size > MOST_CHARACTERS);
  }

  void gap() {
    lock.lock();
    try {
      Message last = waiting.peekLast();
      if (!isOver && (last == null || !isGap(last))) {
        waiting.add(GAP);
        startEmptying();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nothing comes any more; the subscriber is told why. */
  void end(HowdahException why) {
    lock.lock();
    try {
      if (isOver) {
        return;
      }
      isOver = true;
      reason = why;
      waiting.clear();
      startEmptying();
    } finally {
      lock.unlock();
    }
    forget.accept(this);
  }

  private void startEmptying() {
    if (!isEmptying) {
      isEmptying = true;
      submit();
    }
  }

  private void submit() {
    try {
      executor.execute(this::empty);
    } catch (RejectedExecutionException e) {
      LOG.error("a subscriber is told nothing any more: the executor takes no more work", e);
      isOver = true;
      reason = null;
      waiting.clear();
      forget.accept(this);
    }
  }

  private void empty() {
    for (int i = 0; i < AT_A_TIME; i++) {
      if (!tellNext()) {
        return;
      }
    }
    lock.lock();
    try {
      submit();
    } finally {
      lock.unlock();
    }
  }

  /** False when there is nothing to tell. */
  private boolean tellNext() {
    Message message;
    long lost;
    HowdahException why;
    lock.lock();
    try {
      why = reason;
      reason = null;
      message = waiting.pollFirst();
      if (message == null && why == null) {
        isEmptying = false;
        return false;
      }
      if (message != null) {
        characters -= message.payload().length();
      }
      lost = untold;
      untold = 0;
    } finally {
      lock.unlock();
    }
    try {
      if (lost > 0) {
        handler.onDropped(lost);
      }
      if (why != null) {
        handler.onEnd(why);
      } else if (message != null && isGap(message)) {
        handler.onGap();
      } else if (message != null) {
        handler.onMessage(message);
      }
    } catch (RuntimeException | Error e) {
      LOG.error("a subscriber failed", e);
    }
    return true;
  }

  @Override
  public boolean isLive() {
    lock.lock();
    try {
      return !isOver && live.getAsBoolean();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      isOver = true;
      reason = null;
      waiting.clear();
    } finally {
      lock.unlock();
    }
    forget.accept(this);
  }
}
