package io.howdah.session;

import io.howdah.engine.Engine;
import io.howdah.session.SessionOperations.Counting;
import io.howdah.session.SessionOperations.Creation;
import io.howdah.session.SessionOperations.Handle;
import io.howdah.session.SessionOperations.Rotation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The operations of {@link Sessions} without waiting. Calls of one thread on one token take effect
 * in the order in which they were made, also mixed with blocking ones.
 *
 * <p>Arguments are checked, and attributes encoded, on the calling thread, which gets {@link
 * io.howdah.InvalidArgumentException} at once. A stage completes on the executor of the Howdah,
 * exceptionally with what the blocking method would throw.
 */
public final class AsyncSessions {
  private final SessionShape shape;
  private final Engine engine;

  AsyncSessions(SessionShape shape, Engine engine) {
    this.shape = shape;
    this.engine = engine;
  }

  /** {@link Sessions#tryCreate(SessionRequest)}. */
  public CompletionStage<Optional<CreatedSession>> tryCreate(SessionRequest request) {
    return tryCreate(SessionShape.newToken(), request);
  }

  /** {@link Sessions#tryCreate(String, SessionRequest)}. */
  public CompletionStage<Optional<CreatedSession>> tryCreate(String token, SessionRequest request) {
    Creation creation = shape.creation(request, token);
    return engine
        .callAsync(SessionOperations.CREATE, creation)
        .thenApply(created -> shape.created(token, creation, created));
  }

  /** {@link Sessions#create(SessionRequest)}. */
  public CompletionStage<CreatedSession> create(SessionRequest request) {
    return tryCreate(request).thenApply(created -> created.orElseThrow(SessionShape::limit));
  }

  /** {@link Sessions#get}. */
  public CompletionStage<Optional<Session>> get(String token) {
    return engine.callAsync(shape.operations.get, TokenHash.of(token)).thenApply(shape::session);
  }

  /** {@link Sessions#getHandle}. */
  public CompletionStage<Optional<Session>> getHandle(String userId, UUID handle) {
    return engine
        .callAsync(SessionOperations.HASH, SessionShape.handle(userId, handle))
        .thenCompose(hash ->
            hash == null
                ? CompletableFuture.completedFuture(Optional.empty())
                : engine.callAsync(shape.operations.get, hash).thenApply(shape::session));
  }

  /** {@link Sessions#touch}. */
  public CompletionStage<Optional<Session>> touch(String token) {
    return engine.callAsync(shape.operations.touch, TokenHash.of(token)).thenApply(shape::session);
  }

  /** {@link Sessions#set(String, Map)}. */
  public CompletionStage<Boolean> set(
      String token, Map<String, ? extends @Nullable Object> changes) {
    return engine.callAsync(SessionOperations.SET, shape.change(token, changes));
  }

  /** {@link Sessions#setJson}. */
  public CompletionStage<Boolean> setJson(String token, String patch) {
    return engine.callAsync(SessionOperations.SET, SessionShape.change(token, patch));
  }

  /** {@link Sessions#rotate(String)}. */
  public CompletionStage<Optional<String>> rotate(String token) {
    return rotate(TokenHash.of(token), null);
  }

  /** {@link Sessions#rotate(String, String)}. */
  public CompletionStage<Optional<String>> rotate(String token, String userId) {
    return rotate(TokenHash.of(token), SessionRequest.user(userId));
  }

  private CompletionStage<Optional<String>> rotate(TokenHash hash, @Nullable String userId) {
    String fresh = SessionShape.newToken();
    return engine
        .callAsync(SessionOperations.ROTATE, new Rotation(hash, TokenHash.of(fresh), userId))
        .thenApply(rotated -> SessionShape.rotated(fresh, rotated));
  }

  /** {@link Sessions#change}. */
  public CompletionStage<Boolean> change(String token, SessionChange change) {
    return engine
        .callAsync(SessionOperations.CHANGE, SessionShape.alteration(TokenHash.of(token), change))
        .thenApply(SessionShape::changed);
  }

  /** {@link Sessions#changeHandle}. */
  public CompletionStage<Boolean> changeHandle(String userId, UUID handle, SessionChange change) {
    return changeHandle(SessionShape.handle(userId, handle), change, null);
  }

  private CompletionStage<Boolean> changeHandle(
      Handle handle, SessionChange change, @Nullable TokenHash before) {
    return engine
        .callAsync(SessionOperations.HASH, handle)
        .thenCompose(hash ->
            hash == null || hash.equals(before)
                ? CompletableFuture.completedFuture(false)
                : engine
                    .callAsync(SessionOperations.CHANGE, SessionShape.alteration(hash, change))
                    .thenApply(SessionShape::changed)
                    .thenCompose(done ->
                        done
                            ? CompletableFuture.completedFuture(true)
                            : changeHandle(handle, change, hash)));
  }

  /** {@link Sessions#revoke}. */
  public CompletionStage<Boolean> revoke(String token) {
    return engine.callAsync(SessionOperations.REVOKE, TokenHash.of(token));
  }

  /** {@link Sessions#revokeUser}. */
  public CompletionStage<Integer> revokeUser(String userId) {
    return engine.callAsync(
        SessionOperations.REVOKE_USER, SessionShape.userSessions(userId, null, null));
  }

  /** {@link Sessions#revokeOthers}. */
  public CompletionStage<Integer> revokeOthers(String userId, String exceptToken) {
    return engine.callAsync(
        SessionOperations.REVOKE_USER, SessionShape.userSessions(userId, exceptToken, null));
  }

  /** {@link Sessions#revokeHandle}. */
  public CompletionStage<Boolean> revokeHandle(String userId, UUID handle) {
    return engine
        .callAsync(SessionOperations.REVOKE_USER, SessionShape.userSessions(userId, null, handle))
        .thenApply(revoked -> revoked > 0);
  }

  /** {@link Sessions#list}. */
  public CompletionStage<List<Session>> list(String userId) {
    return engine
        .callAsync(SessionOperations.LIST, SessionRequest.user(userId))
        .thenApply(shape::sessions);
  }

  /** {@link Sessions#find}. */
  public CompletionStage<List<Session>> find(String containsJson, int maxRows) {
    return engine
        .callAsync(SessionOperations.FIND, SessionShape.search(containsJson, maxRows))
        .thenApply(shape::sessions);
  }

  /** {@link Sessions#count()}. */
  public CompletionStage<Long> count() {
    return engine.callAsync(SessionOperations.COUNT, new Counting(null));
  }

  /** {@link Sessions#count(String)}. */
  public CompletionStage<Long> count(String userId) {
    return engine.callAsync(SessionOperations.COUNT, new Counting(SessionRequest.user(userId)));
  }
}
