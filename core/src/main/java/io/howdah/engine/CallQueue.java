package io.howdah.engine;

import io.howdah.Durability;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The waiting calls that may share a statement: of one operation, and for writes of one durability
 * level.
 */
final class CallQueue<A, R extends @Nullable Object> {
  final Operation<A, R> operation;
  final Durability level;
  private final Queue<Call<A, R>> arrived = new ConcurrentLinkedQueue<>();
  private final Queue<Call<A, R>> returned = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending;

  CallQueue(Operation<A, R> operation, Durability level, AtomicInteger pending) {
    this.operation = operation;
    this.level = level;
    this.pending = pending;
  }

  void add(Call<A, R> call) {
    arrived.add(call);
  }

  /** For calls that could not ride: they go first the next time. */
  void giveBack(Call<A, R> call) {
    returned.add(call);
  }

  @Nullable Call<A, R> peek() {
    Call<A, R> call = returned.peek();
    return call != null ? call : arrived.peek();
  }

  @Nullable Call<A, R> poll() {
    Call<A, R> call = returned.poll();
    if (call == null) {
      call = arrived.poll();
    }
    if (call != null) {
      pending.decrementAndGet();
    }
    return call;
  }
}
