package io.howdah.session;

import io.howdah.Arguments;
import io.howdah.Durability;
import io.howdah.InvalidArgumentException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How sessions are kept. One for each schema, stored in the database, so that all processes and SQL
 * agree; {@link Sessions#configure} changes it.
 *
 * @param durability what a crash of Postgres takes. That a session was revoked, or got another
 *     token, is never taken by one, unless all sessions are
 * @param idle how long a session lives without being used, where it is created without
 * @param lifetime how long it lives at most, however much it is used, where it is created without
 * @param touchInterval how often, at most, it is written down that a session is being used, unless
 *     a quarter of its idle time is less; zero for each time
 * @param maxPerUser how many sessions a user may have; null for no bound
 * @param onFull what happens at that bound
 * @param keepEvents for how long it is kept in the table {@code session_event} that sessions were
 *     created, expired and revoked; null for not at all
 */
public record SessionSettings(
    Durability durability,
    Duration idle,
    Duration lifetime,
    Duration touchInterval,
    @Nullable Integer maxPerUser,
    OnFull onFull,
    @Nullable Duration keepEvents) {

  /** What happens when a user has as many sessions as he may. */
  public enum OnFull {
    /** The session that was not used for longest is revoked. */
    EVICT,
    /** A new one is refused. */
    REFUSE
  }

  /**
   * Checks them.
   *
   * @throws InvalidArgumentException naming the one that is outside its limits
   */
  public SessionSettings {
    long unused = Arguments.micros("idle", idle) + Arguments.micros("lifetime", lifetime);
    if (!touchInterval.isZero()) {
      unused = Arguments.micros("touchInterval", touchInterval);
    }
    if (keepEvents != null) {
      unused = Arguments.micros("keepEvents", keepEvents);
    }
    if (maxPerUser != null && maxPerUser < 1) {
      throw new InvalidArgumentException(
          "maxPerUser", "maxPerUser: 1 or more expected, got " + maxPerUser);
    }
  }

  /**
   * Those that a new schema has: relaxed, 30 minutes idle, 24 hours at most, written down once a
   * minute, no bound, no events.
   */
  public static SessionSettings defaults() {
    return new SessionSettings(
        Durability.RELAXED,
        Duration.ofMinutes(30),
        Duration.ofHours(24),
        Duration.ofMinutes(1),
        null,
        OnFull.EVICT,
        null);
  }

  public SessionSettings withDurability(Durability durability) {
    return new SessionSettings(
        durability, idle, lifetime, touchInterval, maxPerUser, onFull, keepEvents);
  }

  public SessionSettings withIdle(Duration idle) {
    return new SessionSettings(
        durability, idle, lifetime, touchInterval, maxPerUser, onFull, keepEvents);
  }

  public SessionSettings withLifetime(Duration lifetime) {
    return new SessionSettings(
        durability, idle, lifetime, touchInterval, maxPerUser, onFull, keepEvents);
  }

  public SessionSettings withTouchInterval(Duration touchInterval) {
    return new SessionSettings(
        durability, idle, lifetime, touchInterval, maxPerUser, onFull, keepEvents);
  }

  public SessionSettings withMaxPerUser(int maxPerUser, OnFull onFull) {
    return new SessionSettings(
        durability, idle, lifetime, touchInterval, maxPerUser, onFull, keepEvents);
  }

  public SessionSettings keepingEvents(Duration keepEvents) {
    return new SessionSettings(
        durability, idle, lifetime, touchInterval, maxPerUser, onFull, keepEvents);
  }
}
