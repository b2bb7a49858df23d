package io.howdah.server.http;

import io.howdah.HowdahException;
import io.howdah.Subscription;
import io.howdah.channel.Message;
import io.howdah.channel.MessageHandler;
import io.howdah.server.http.EventStreams.EventWriter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is published, for a stream. Bounded: of a client that is too slow the oldest is dropped, and
 * it is told how many.
 */
final class LiveEvents implements EventStreams.Source, MessageHandler {
  private static final int MOST_EVENTS = 10_000;
  private static final long MOST_CHARACTERS = 4 << 20;

  /** A message, or where some are missing. */
  private record Event(@Nullable String name, String data) {}

  private final Runnable wake;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Event> waiting = new ArrayDeque<>();
  private long characters;
  private long dropped;
  private boolean isOver;
  private @Nullable Subscription subscription;

  LiveEvents(Runnable wake) {
    this.wake = wake;
  }

  void subscribed(Subscription to) {
    subscription = to;
  }

  @Override
  public void onMessage(Message message) {
    String data =
        Json.MAPPER
            .createObjectNode()
            .put("channel", message.channel())
            .put("payload", message.payload())
            .toString();
    add(new Event(null, data));
  }

  @Override
  public void onGap() {
    add(new Event("gap", "{}"));
  }

  @Override
  public void onDropped(long count) {
    lock.lock();
    try {
      dropped += count;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onEnd(HowdahException reason) {
    lock.lock();
    try {
      isOver = true;
    } finally {
      lock.unlock();
    }
    wake.run();
  }

  private void add(Event event) {
    lock.lock();
    try {
      waiting.add(event);
      characters += event.data().length();
      while (waiting.size() > MOST_EVENTS || (characters > MOST_CHARACTERS && waiting.size() > 1)) {
        characters -= waiting.remove().data().length();
        dropped++;
      }
    } finally {
      lock.unlock();
    }
    wake.run();
  }

  @Override
  public boolean write(EventWriter to) throws IOException {
    while (true) {
      Event event;
      long lost;
      lock.lock();
      try {
        lost = dropped;
        dropped = 0;
        event = waiting.poll();
        if (event == null && lost == 0) {
          return !isOver;
        }
        characters -= event == null ? 0 : event.data().length();
      } finally {
        lock.unlock();
      }
      if (lost > 0) {
        to.event("dropped", null, "{\"count\":" + lost + "}");
      }
      if (event != null) {
        to.event(event.name(), null, event.data());
      }
    }
  }

  @Override
  public void close() {
    Subscription ending = subscription;
    if (ending != null) {
      ending.close();
    }
  }
}
