package io.howdah.engine;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls whose rows are held by transactions outside the engine. They would stop a batch, and with
 * it hundreds of strangers; so they wait here, together with new calls on the same keys, each until
 * its own deadline.
 *
 * <p>While there are any, one thread takes one lane in turns: it asks which rows are free again and
 * sends those calls, then waits in Postgres's own queue for the row of the oldest call, as long as
 * the lock timeout, with all calls that may share its statement: another process may write the same
 * row all the time, and hold it more often than not.
 */
final class Quarantine implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
  private static final long PAUSE_NANOS = 5_000_000;

  /** In {@link #slot}: the thread waits for a lane. */
  private static final Object WAITING = new Object();

  private final Engine engine;
  private final StatementRunner runner;
  private final EngineSettings settings;
  private final Queue<Call<?, ?>> calls = new ConcurrentLinkedQueue<>();
  private final Map<Object, Integer> keys = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
  private final AtomicReference<@Nullable Object> slot = new AtomicReference<>();
  private volatile boolean closed;

  Quarantine(Engine engine, StatementRunner runner, EngineSettings settings) {
    this.engine = engine;
    this.runner = runner;
    this.settings = settings;
  }

  /** Whether calls on this key have to wait here. */
  boolean holds(@Nullable Object key) {
    return key != null && !keys.isEmpty() && keys.containsKey(key);
  }

  void add(Call<?, ?> call) {
    call.metLockedRow = true;
    Object key = Engine.orderKey(call);
    if (key != null) {
      keys.merge(key, 1, Integer::sum);
    }
    calls.add(call);
    startThread();
  }

  private void startThread() {
    if (thread.get() == null) {
      Thread fresh = new Thread(this, "howdah-" + settings.schema() + "-quarantine");
      fresh.setDaemon(true);
      if (thread.compareAndSet(null, fresh)) {
        fresh.start();
      }
    }
  }

  boolean wantsLane() {
    return slot.get() == WAITING;
  }

  /** Takes a lane that is being given back, if it waits for one. */
  boolean takeOver(Lane lane) {
    if (!wantsLane() || !slot.compareAndSet(WAITING, lane)) {
      return false;
    }
    LockSupport.unpark(thread.get());
    return true;
  }

  private @Nullable Lane awaitLane() {
    slot.set(WAITING);
    while (true) {
      if (slot.get() instanceof Lane lane) {
        slot.set(null);
        return lane;
      }
      if (closed && slot.compareAndSet(WAITING, null)) {
        return null;
      }
      Lane idle = engine.lanes().takeIdle();
      if (idle != null) {
        if (slot.compareAndSet(WAITING, null)) {
          return idle;
        }
        engine.lanes().release(idle);
        continue;
      }
      LockSupport.parkNanos(this, PAUSE_NANOS);
    }
  }

  @Override
  public void run() {
    do {
      while (!calls.isEmpty() && !closed) {
        Lane lane = awaitLane();
        if (lane == null) {
          break;
        }
        boolean progress = false;
        try {
          progress = turn(lane);
        } catch (RuntimeException | Error e) {
          LOG.error("the quarantine goes on after an error", e);
          lane.discard();
        }
        engine.lanes().release(lane);
        if (!calls.isEmpty() && !progress) {
          LockSupport.parkNanos(this, PAUSE_NANOS);
        }
      }
      if (closed) {
        failAll();
      }
      thread.set(null);
      // A call may have come between the last look and the line above.
    } while (!calls.isEmpty() && thread.compareAndSet(null, Thread.currentThread()));
  }

  /** Whether any call has come to its end. */
  private boolean turn(Lane lane) {
    List<Call<?, ?>> present = drain();
    try {
      List<Call<?, ?>> busy = new ArrayList<>();
      for (List<Call<?, ?>> group : groups(present)) {
        busy.addAll(sendFree(lane, group));
      }
      if (!busy.isEmpty()) {
        sendBehindHolder(lane, busy);
      }
      return present.stream().anyMatch(Call::isOver);
    } finally {
      present.forEach(this::forgetKey);
    }
  }

  private List<Call<?, ?>> drain() {
    List<Call<?, ?>> present = new ArrayList<>();
    Call<?, ?> call;
    while ((call = calls.poll()) != null) {
      if (call.isOver()) {
        forgetKey(call);
      } else {
        present.add(call);
      }
    }
    return present;
  }

  private void forgetKey(Call<?, ?> call) {
    Object key = Engine.orderKey(call);
    if (key != null) {
      keys.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
    }
  }

  /** Waits for the row of the oldest call; all others but those that ride with it stay here. */
  @SuppressWarnings("unchecked") // a queue is of one operation
  private void sendBehindHolder(Lane lane, List<Call<?, ?>> busy) {
    Call<?, ?> oldest = busy.get(0);
    CallQueue<Object, Object> queue = engine.queueOf(oldest);
    Object key = queue.operation.batch() == null ? null : Engine.orderKey(oldest);
    List<Call<Object, Object>> riders = new ArrayList<>();
    for (Call<?, ?> call : busy) {
      boolean rides =
          call == oldest
              || (key != null
                  && key.equals(Engine.orderKey(call))
                  && engine.queueOf(call) == queue
                  && riders.size() < settings.batchCalls());
      if (!rides || !mayGo(call, riders)) {
        add(call);
      } else if (engine.takeForSending(call)) {
        riders.add((Call<Object, Object>) call);
      }
    }
    if (!riders.isEmpty()) {
      for (Call<Object, Object> left :
          runner.runBatch(lane, queue.operation, queue.level, riders)) {
        left.unsend();
        add(left);
      }
    }
  }

  /** Calls that may share a statement. */
  private List<List<Call<?, ?>>> groups(List<Call<?, ?>> present) {
    Map<Object, List<Call<?, ?>>> groups = new LinkedHashMap<>();
    for (Call<?, ?> call : present) {
      groups.computeIfAbsent(engine.queueOf(call), queue -> new ArrayList<>()).add(call);
    }
    List<List<Call<?, ?>>> parts = new ArrayList<>();
    for (List<Call<?, ?>> group : groups.values()) {
      for (int from = 0; from < group.size(); from += settings.batchCalls()) {
        parts.add(group.subList(from, Math.min(group.size(), from + settings.batchCalls())));
      }
    }
    return parts;
  }

  /** Sends those calls of a group whose rows are free; the others. */
  @SuppressWarnings("unchecked") // a group is of one operation
  private List<Call<?, ?>> sendFree(Lane lane, List<Call<?, ?>> group) {
    Operation<Object, Object> operation = (Operation<Object, Object>) group.get(0).operation;
    List<Object> args = new ArrayList<>();
    group.forEach(call -> args.add(((Call<Object, Object>) call).args));
    Set<Integer> busyRows = Set.of();
    try {
      busyRows = runner.busy(lane, operation, args);
    } catch (SQLException e) {
      // The statement below meets the same trouble, and knows whom to tell.
      if (!SqlErrors.rowLocked(e)) {
        lane.discard();
      }
    }
    List<Call<?, ?>> busy = new ArrayList<>();
    List<Call<Object, Object>> free = new ArrayList<>();
    for (int i = 0; i < group.size(); i++) {
      Call<Object, Object> call = (Call<Object, Object>) group.get(i);
      if (busyRows.contains(i) || !mayGo(call, free)) {
        busy.add(call);
      } else if (engine.takeForSending(call)) {
        free.add(call);
      }
    }
    if (operation.batch() == null) {
      // Those whose rows cannot be asked for are tried, and hardly wait: one call a turn does.
      free.forEach(call -> runner.runSingle(lane, call, 1));
    } else if (!free.isEmpty()) {
      for (Call<Object, Object> left :
          runner.runBatch(lane, operation, runner.levelOf(operation, free.get(0).args), free)) {
        left.unsend();
        busy.add(left);
      }
    }
    return busy;
  }

  private static boolean mayGo(Call<?, ?> call, List<? extends Call<?, ?>> riding) {
    Call<?, ?> earlier = call.predecessor;
    return earlier == null || earlier.isOver() || riding.contains(earlier);
  }

  void close() {
    closed = true;
    LockSupport.unpark(thread.get());
  }

  private void failAll() {
    for (Call<?, ?> call : drain()) {
      forgetKey(call);
      if (call.trySend()) {
        call.fail(new HowdahException(ErrorCode.CLOSED, "this Howdah is closed"));
        runner.deliver(List.of(call));
      }
    }
  }
}
