package io.howdah.token;

import java.time.Instant;

/**
 * A new token, which nobody can ask for again.
 *
 * @param token 43 characters of base64url; never a part of a log
 * @param expiresAt when it ends, by Postgres's clock
 */
public record IssuedToken(String token, Instant expiresAt) {
  /** Without the token. */
  @Override
  public String toString() {
    return "IssuedToken[expiresAt=" + expiresAt + "]";
  }
}
