package io.howdah.session;

/**
 * A new session and its token, which nobody can ask for again: give it to the browser, in a cookie
 * that is {@code HttpOnly}, {@code Secure} and {@code SameSite}.
 *
 * @param token 43 characters of base64url; never a part of a log or a URL
 * @param session the session; its {@link Session#json} is as it was given
 */
public record CreatedSession(String token, Session session) {
  /** Without the token. */
  @Override
  public String toString() {
    return "CreatedSession[" + session + "]";
  }
}
