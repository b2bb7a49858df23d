package io.howdah.token;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.InvalidArgumentException;
import io.howdah.Secret;
import io.howdah.engine.Caller;
import io.howdah.engine.Engine;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.ObjectMapper;

/**
 * One-time tokens. Thread-safe, cheap to make, nothing to close.
 *
 * <pre>{@code
 * IssuedToken issued = tokens.issue("password-reset", "ann", Duration.ofMinutes(30));
 * Optional<TokenGrant> grant = tokens.consume("password-reset", issued.token());
 * }</pre>
 *
 * <p>A token is 256 random bits in 43 characters, handed out once; the database knows no more than
 * their SHA-256. It is good for one purpose, until its time to live ends or somebody consumes it:
 * of many who try, one does.
 *
 * <p>Purposes have 1 to 64 bytes, subjects 1 to 1,024, payloads at most 64 KiB of JSON. A crash of
 * Postgres takes tokens that were issued in the last fraction of a second, and never makes one
 * valid again that was consumed or revoked.
 *
 * <p>All methods throw {@link InvalidArgumentException} for arguments outside these limits, before
 * anything is sent, and a token that has not the form of one is such an argument; {@link
 * io.howdah.CallFailedException} when there was no answer, which says whether a write may have
 * happened; {@link io.howdah.HowdahException} with {@link io.howdah.ErrorCode#CODEC} when a payload
 * cannot be made JSON of.
 */
public final class Tokens {
  private final TokenShape shape;
  private final Caller caller;

  /** Use {@code Howdah.tokens} or {@code Transaction.tokens}. */
  public Tokens(ObjectMapper mapper, Caller caller) {
    this.shape = new TokenShape(mapper);
    this.caller = caller;
  }

  /**
   * The same operations without waiting.
   *
   * @throws InvalidArgumentException in a joined transaction, which is one connection
   */
  public AsyncTokens async() {
    Engine engine = caller.engine();
    if (engine == null) {
      throw new InvalidArgumentException(
          "async", "async: not inside a transaction: its connection does one thing at a time");
    }
    return new AsyncTokens(shape, engine);
  }

  /** Whether a text has the form of a token, so that it is worth asking for. */
  public static boolean isWellFormed(String text) {
    return Secret.isWellFormed(text);
  }

  /** Issues a token for one purpose and one subject. */
  public IssuedToken issue(String purpose, String subject, Duration ttl) {
    return issueJson(purpose, subject, ttl, "{}");
  }

  /** Issues a token that brings a payload along, which Jackson makes JSON of. */
  public IssuedToken issue(String purpose, String subject, Duration ttl, Object payload) {
    return issueJson(purpose, subject, ttl, shape.json(payload));
  }

  /** {@link #issue(String, String, Duration, Object)} of a JSON text. */
  public IssuedToken issueJson(String purpose, String subject, Duration ttl, String payload) {
    String token = Secret.make();
    return new IssuedToken(
        token,
        caller.call(TokenOperation.ISSUE, shape.issue(token, purpose, subject, ttl, payload)));
  }

  /**
   * What a token was issued for, leaving it as it is: to show a form whose sending consumes it.
   * Empty when there is none for this purpose.
   */
  public Optional<TokenGrant> peek(String purpose, String token) {
    return shape.grant(caller.call(TokenOperation.PEEK, TokenShape.use(purpose, token)));
  }

  /**
   * Uses a token up. Empty when there is none for this purpose: it has ended, was consumed or
   * revoked, or is for another purpose, for which it stays.
   */
  public Optional<TokenGrant> consume(String purpose, String token) {
    return shape.grant(caller.call(TokenOperation.CONSUME, TokenShape.use(purpose, token)));
  }

  /** Takes back the tokens of a subject for this purpose; how many there were. */
  @CanIgnoreReturnValue
  public int revoke(String purpose, String subject) {
    return caller.call(TokenOperation.REVOKE, TokenShape.of(purpose, subject));
  }
}
