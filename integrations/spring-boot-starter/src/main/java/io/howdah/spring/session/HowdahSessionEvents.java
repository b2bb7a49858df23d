package io.howdah.spring.session;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.channel.ChannelSubscription;
import io.howdah.session.SessionEvent;
import io.howdah.session.SessionEventHandler;
import io.howdah.session.SessionSettingsChange;
import io.howdah.session.Sessions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.MapSession;
import org.springframework.session.events.SessionCreatedEvent;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;

/**
 * Publishes what happens to sessions, in any process, as Spring Session's events: each at least
 * once in this process, from when the application starts. An event has the session's id where this
 * process has seen the session, else its handle; its principal's name, and no other attributes.
 */
public final class HowdahSessionEvents implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(HowdahSessionEvents.class);
  private static final long PAUSE_SECONDS = 1;

  private final Sessions sessions;
  private final HowdahSessionRepository repository;
  private final ApplicationEventPublisher publisher;
  private final Duration keepFor;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable ChannelSubscription subscription;

  /** Whose turn it is; null where nothing is to be heard. Another one's end is not ours. */
  private @Nullable Handler current;

  /** Whether it was said that nothing can be heard, so that it is not said each second. */
  private boolean failed;

  /** The last event that was published; null: begin with those from now on. */
  private volatile @Nullable String cursor;

  /**
   * @param keepFor for how long events are kept, where they are not kept for longer already
   */
  public HowdahSessionEvents(
      Sessions sessions,
      HowdahSessionRepository repository,
      ApplicationEventPublisher publisher,
      Duration keepFor) {
    this.sessions = sessions;
    this.repository = repository;
    this.publisher = publisher;
    this.keepFor = keepFor;
  }

  /** Before the web server: so no session is created that nobody is told of. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 4_096;
  }

  @Override
  public void start() {
    lock.lock();
    try {
      if (current == null) {
        subscribe();
      }
    } finally {
      lock.unlock();
    }
  }

  private void subscribe() {
    Handler handler = new Handler();
    current = handler;
    try {
      Duration kept = sessions.settings().keepEvents();
      if (kept == null || kept.compareTo(keepFor) < 0) {
        sessions.configure(new SessionSettingsChange(null, null, null, null, null, null, keepFor));
      }
      String from = cursor;
      if (from == null) {
        from = sessions.eventsNow();
        cursor = from;
      }
      subscription = sessions.onEvent(from, handler);
      if (failed) {
        LOG.info("events of sessions are heard again");
      }
      failed = false;
    } catch (HowdahException e) {
      ended(e);
      again(handler);
    }
  }

  private void ended(HowdahException reason) {
    if (reason.code() == ErrorCode.MESSAGES_LOST) {
      cursor = null;
    }
    if (failed) {
      LOG.debug("events of sessions cannot be heard yet: {}", reason.getMessage());
    } else {
      LOG.warn("events of sessions cannot be heard, or were missed: {}", reason.getMessage());
    }
    failed = true;
  }

  private void again(Handler after) {
    var unused =
        CompletableFuture.runAsync(
                () -> subscribeAgain(after),
                CompletableFuture.delayedExecutor(PAUSE_SECONDS, TimeUnit.SECONDS))
            .whenComplete((done, e) -> {
              if (e != null) {
                LOG.error("events of sessions are not heard any more", e);
              }
            });
  }

  private void subscribeAgain(Handler after) {
    lock.lock();
    try {
      if (current == after) {
        subscribe();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void stop() {
    ChannelSubscription open;
    lock.lock();
    try {
      current = null;
      open = subscription;
      subscription = null;
    } finally {
      lock.unlock();
    }
    if (open != null) {
      open.close();
    }
  }

  @Override
  public boolean isRunning() {
    lock.lock();
    try {
      return current != null;
    } finally {
      lock.unlock();
    }
  }

  private void publish(SessionEvent event) {
    MapSession session = new MapSession(repository.idOf(event.handle()));
    event
        .userId()
        .ifPresent(user ->
            session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, user));
    session.setLastAccessedTime(event.happenedAt());
    publisher.publishEvent(
        switch (event.kind()) {
          case CREATED -> {
            session.setCreationTime(event.happenedAt());
            yield new SessionCreatedEvent(repository, session);
          }
          case EXPIRED -> new SessionExpiredEvent(repository, session);
          case REVOKED -> new SessionDeletedEvent(repository, session);
        });
  }

  private final class Handler implements SessionEventHandler {
    @Override
    public void onEvent(SessionEvent event) {
      try {
        publish(event);
      } catch (RuntimeException e) {
        // Again would not help, and the others would wait.
        LOG.error("a listener of session events failed", e);
      }
      cursor = event.cursor();
    }

    @Override
    public void onEnd(HowdahException reason) {
      CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> end(reason));
    }

    /** On another thread: who hands events over does not wait for one that subscribes. */
    private void end(HowdahException reason) {
      lock.lock();
      try {
        if (current == this) {
          ended(reason);
          again(this);
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
