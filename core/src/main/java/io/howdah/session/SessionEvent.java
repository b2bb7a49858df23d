package io.howdah.session;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Something that has happened to a session.
 *
 * @param cursor where to go on after it; opaque
 * @param handle of the session
 * @param userId whose it was; empty for somebody who had not logged in
 * @param happenedAt when, by the clock of Postgres
 */
public record SessionEvent(
    String cursor, Kind kind, UUID handle, Optional<String> userId, Instant happenedAt) {

  /** What has happened. */
  public enum Kind {
    /** It began. */
    CREATED,
    /** It ended by itself; told when the sweeper comes by. */
    EXPIRED,
    /** Somebody ended it, or it had to go for another one of the user. */
    REVOKED
  }
}
