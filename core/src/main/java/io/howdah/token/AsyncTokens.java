package io.howdah.token;

import io.howdah.Secret;
import io.howdah.engine.Engine;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The operations of {@link Tokens} without waiting. Arguments are checked on the calling thread,
 * which gets {@link io.howdah.InvalidArgumentException} at once; a stage completes on the executor
 * of the Howdah, exceptionally with what the blocking method would throw.
 */
public final class AsyncTokens {
  private final TokenShape shape;
  private final Engine engine;

  AsyncTokens(TokenShape shape, Engine engine) {
    this.shape = shape;
    this.engine = engine;
  }

  /** {@link Tokens#issue(String, String, Duration)}. */
  public CompletionStage<IssuedToken> issue(String purpose, String subject, Duration ttl) {
    return issueJson(purpose, subject, ttl, "{}");
  }

  /** {@link Tokens#issue(String, String, Duration, Object)}. */
  public CompletionStage<IssuedToken> issue(
      String purpose, String subject, Duration ttl, Object payload) {
    return issueJson(purpose, subject, ttl, shape.json(payload));
  }

  /** {@link Tokens#issueJson}. */
  public CompletionStage<IssuedToken> issueJson(
      String purpose, String subject, Duration ttl, String payload) {
    String token = Secret.make();
    return engine
        .callAsync(TokenOperation.ISSUE, shape.issue(token, purpose, subject, ttl, payload))
        .thenApply(expiresAt -> new IssuedToken(token, expiresAt));
  }

  /** {@link Tokens#peek}. */
  public CompletionStage<Optional<TokenGrant>> peek(String purpose, String token) {
    return engine
        .callAsync(TokenOperation.PEEK, TokenShape.use(purpose, token))
        .thenApply(shape::grant);
  }

  /** {@link Tokens#consume}. */
  public CompletionStage<Optional<TokenGrant>> consume(String purpose, String token) {
    return engine
        .callAsync(TokenOperation.CONSUME, TokenShape.use(purpose, token))
        .thenApply(shape::grant);
  }

  /** {@link Tokens#revoke}. */
  public CompletionStage<Integer> revoke(String purpose, String subject) {
    return engine.callAsync(TokenOperation.REVOKE, TokenShape.of(purpose, subject));
  }
}
