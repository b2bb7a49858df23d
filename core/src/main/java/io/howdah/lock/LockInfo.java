package io.howdah.lock;

import java.time.Instant;

/**
 * A lock that is held.
 *
 * @param name its name
 * @param owner who holds it, in words
 * @param token its fencing token
 * @param acquiredAt since when
 * @param expiresAt until when, unless it is renewed
 */
public record LockInfo(
    String name, String owner, long token, Instant acquiredAt, Instant expiresAt) {}
