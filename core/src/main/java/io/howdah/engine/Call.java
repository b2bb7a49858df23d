package io.howdah.engine;

import io.howdah.CallFailedException;
import io.howdah.CallFailedException.Outcome;
import io.howdah.ErrorCode;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way. A blocking call has an owner, the thread that waits for it; an asynchronous
 * one has a future.
 *
 * <p>QUEUED can become SENT (a lane takes it) or WITHDRAWN (its caller gave up: it will not
 * happen). SENT becomes DONE, or QUEUED again when the database certainly did not apply it.
 */
final class Call<A, R extends @Nullable Object> {
  static final int QUEUED = 0;
  static final int SENT = 1;
  static final int DONE = 2;
  static final int WITHDRAWN = 3;

  @SuppressWarnings("rawtypes")
  private static final AtomicIntegerFieldUpdater<Call> STATE =
      AtomicIntegerFieldUpdater.newUpdater(Call.class, "state");

  final Operation<A, R> operation;
  final A args;
  final long submittedNanos;
  final long deadlineNanos;
  final @Nullable Thread owner;
  final @Nullable CompletableFuture<R> future;

  /** An earlier call of the same thread on the same key, which has to take effect first. */
  volatile @Nullable Call<?, ?> predecessor;

  /** Whether a thread waits for its future and nothing else hangs on it: no executor is needed. */
  boolean isAwaited;

  /** Where it is registered as the latest of its thread on its key. */
  @Nullable Object tail;

  /** Its entry with the watch, when it is asynchronous. */
  Watch.@Nullable Deadline watched;

  /** How often it was sent without a certain end. */
  int attempts;

  /** Whether it was set aside because another transaction held its row. */
  volatile boolean metLockedRow;

  private volatile int state = QUEUED;
  private @Nullable R result;
  private @Nullable RuntimeException failure;
  private final Queue<Call<?, ?>> successors = new ConcurrentLinkedQueue<>();

  Call(
      Operation<A, R> operation,
      A args,
      long nowNanos,
      long deadlineNanos,
      @Nullable CompletableFuture<R> future) {
    this.operation = operation;
    this.args = args;
    this.submittedNanos = nowNanos;
    this.deadlineNanos = deadlineNanos;
    this.future = future;
    this.owner = future == null ? Thread.currentThread() : null;
  }

  /** Takes it for sending; not when its caller has left. */
  boolean trySend() {
    return STATE.compareAndSet(this, QUEUED, SENT);
  }

  boolean isLate() {
    return System.nanoTime() - deadlineNanos >= 0;
  }

  /** Back to waiting; the database has not applied it. */
  void unsend() {
    state = QUEUED;
  }

  boolean withdraw() {
    return STATE.compareAndSet(this, QUEUED, WITHDRAWN);
  }

  boolean isWaiting() {
    return state == QUEUED;
  }

  boolean isOver() {
    return state >= DONE;
  }

  boolean isWithdrawn() {
    return state == WITHDRAWN;
  }

  void complete(R answer) {
    result = answer;
    state = DONE;
  }

  void fail(RuntimeException e) {
    failure = e;
    state = DONE;
  }

  /** After {@link #isOver}, for the owner. */
  @SuppressWarnings("NullAway") // an answer may be null: R says so
  R outcome() {
    if (failure != null) {
      // Thrown on another thread: the caller's own frames help more than the lane's.
      failure.setStackTrace(new Throwable().getStackTrace());
      throw failure;
    }
    return result;
  }

  void completeFuture() {
    CompletableFuture<R> waiting = future;
    if (waiting == null) {
      return;
    }
    if (failure != null) {
      waiting.completeExceptionally(failure);
    } else {
      @SuppressWarnings("NullAway") // an answer may be null: R says so
      R answer = result;
      waiting.complete(answer);
    }
  }

  /** Lets go of what only a call under way needs: it may be referred to for long. */
  void forget() {
    predecessor = null;
    Watch.Deadline entry = watched;
    if (entry != null) {
      entry.met();
    }
  }

  CallFailedException timedOut(boolean maybeApplied) {
    if (metLockedRow && !maybeApplied) {
      return new CallFailedException(
          ErrorCode.LOCKED,
          Outcome.NOT_APPLIED,
          operation.name() + ": another transaction held the row until the deadline of the call",
          null);
    }
    return new CallFailedException(
        ErrorCode.TIMEOUT,
        outcomeIf(maybeApplied),
        operation.name() + ": no answer from Postgres within the deadline of the call",
        null);
  }

  CallFailedException interrupted(boolean maybeApplied) {
    return new CallFailedException(
        ErrorCode.INTERRUPTED,
        outcomeIf(maybeApplied),
        operation.name() + ": the thread was interrupted while it waited",
        null);
  }

  private Outcome outcomeIf(boolean maybeApplied) {
    return maybeApplied && operation.isWrite() ? Outcome.UNKNOWN : Outcome.NOT_APPLIED;
  }

  /** Registers a call to be queued when this one is over; false when it is over already. */
  boolean addSuccessor(Call<?, ?> next) {
    if (isOver()) {
      return false;
    }
    successors.add(next);
    return !(isOver() && successors.remove(next));
  }

  @Nullable Call<?, ?> pollSuccessor() {
    return successors.poll();
  }

  /** The next successor, if it is of this kind. */
  @Nullable Call<?, ?> pollSuccessor(Operation<?, ?> kind) {
    Call<?, ?> next = successors.peek();
    return next != null && next.operation.equals(kind) && successors.remove(next) ? next : null;
  }
}
