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
  private boolean running;

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

  @Override
  public void start() {
    lock.lock();
    try {
      running = true;
      subscribe();
    } finally {
      lock.unlock();
    }
  }

  private void subscribe() {
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
      subscription = sessions.onEvent(from, new Handler());
    } catch (HowdahException e) {
      if (e.code() == ErrorCode.MESSAGES_LOST) {
        cursor = null;
      }
      LOG.warn("events of sessions cannot be heard yet: {}", e.getMessage());
      again();
    }
  }

  private void again() {
    var unused =
        CompletableFuture.runAsync(
                this::subscribeAgain,
                CompletableFuture.delayedExecutor(PAUSE_SECONDS, TimeUnit.SECONDS))
            .whenComplete((done, e) -> {
              if (e != null) {
                LOG.error("events of sessions are not heard any more", e);
              }
            });
  }

  private void subscribeAgain() {
    lock.lock();
    try {
      if (running) {
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
      running = false;
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
      return running;
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
      if (reason.code() == ErrorCode.MESSAGES_LOST) {
        cursor = null;
      }
      LOG.warn("events of sessions may be missing: {}", reason.getMessage());
      again();
    }
  }
}
