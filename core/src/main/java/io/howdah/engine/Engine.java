package io.howdah.engine;

import io.howdah.CallFailedException;
import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Natural batching: a call finds an idle lane and runs at once, on its own thread; or every lane is
 * busy, it queues, and goes out together with all that has queued meanwhile, as one statement.
 * There are no timers.
 */
public final class Engine implements Caller, AutoCloseable, StatementRunner.Followup {
  /**
   * How many calls have to wait for each busy lane before another one is woken: few large
   * statements beat many small ones.
   */
  private static final int CALLS_PER_LANE = 32;

  /** How long a call may wait before it is worth another lane, however few wait with it. */
  private static final long STUCK_NANOS = 10_000_000;

  private final EngineSettings settings;
  private final FirstUse firstUse;
  private final StatementRunner runner;
  private final Quarantine quarantine;
  private final Executor futures;

  private final AtomicInteger pending = new AtomicInteger();
  private final Lanes lanes;

  /**
   * Blocking callers inside {@link #call}. While each can have a lane to itself, none has to queue.
   */
  private final AtomicInteger present = new AtomicInteger();

  private final ConcurrentHashMap<Operation<?, ?>, Map<Durability, CallQueue<?, ?>>>
      queuesByOperation = new ConcurrentHashMap<>();
  private final List<CallQueue<?, ?>> queues = new CopyOnWriteArrayList<>();

  /** The latest unfinished asynchronous call of each thread on each key. */
  private final ConcurrentHashMap<Object, Call<?, ?>> tails = new ConcurrentHashMap<>();

  private final Watch watch;

  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile boolean closed;
  private volatile @Nullable Faults faults;

  private record Tail(Thread thread, Object key) {}

  /**
   * Opens no connection yet.
   *
   * @param futures completes the stages of asynchronous calls
   * @param opened gets each new connection before it is used
   * @param first runs before the first call, and again until it has not thrown; calls fail with
   *     what it throws. Null where there is nothing to do
   */
  public Engine(
      EngineSettings settings,
      DataSource dataSource,
      Levels levels,
      EngineMetrics metrics,
      Executor futures,
      Consumer<Connection> opened,
      @Nullable Runnable first) {
    this.settings = settings;
    this.futures = futures;
    this.firstUse = new FirstUse(first);
    Connector connector =
        new Connector(
            dataSource,
            settings.callTimeout(),
            settings.lockTimeout(),
            opened,
            () -> lanes().useAtMost(settings.pooledLanes()));
    this.runner = new StatementRunner(settings, connector, levels, metrics, futures, this);
    this.quarantine = new Quarantine(this, runner, settings);
    this.watch = new Watch(this, settings);
    this.lanes =
        new Lanes(
            this,
            quarantine,
            pending,
            settings,
            index -> new Lane(index, connector, metrics, watch));
  }

  public EngineSettings settings() {
    return settings;
  }

  public boolean isClosed() {
    return closed;
  }

  Lanes lanes() {
    return lanes;
  }

  Statements statements() {
    return runner.statements();
  }

  /** Has calls fail from now on as these say, also those of joined transactions; null for none. */
  public void faults(@Nullable Faults next) {
    faults = next;
  }

  /** What a call is to fail with instead of being made, if anything. */
  @Nullable HowdahException fault(Operation<?, ?> operation) {
    Faults present = faults;
    return present == null ? null : present.next(operation.name(), operation.isWrite());
  }

  @Override
  public Engine engine() {
    return this;
  }

  /**
   * Makes a call and waits for its answer.
   *
   * @throws HowdahException as the operation says; {@link io.howdah.CallFailedException} when there
   *     was no answer
   */
  @Override
  public <A, R extends @Nullable Object> R call(Operation<A, R> operation, A args) {
    HowdahException fault = fault(operation);
    if (fault != null) {
      throw fault;
    }
    int callers = present.incrementAndGet();
    try {
      Call<A, R> call = newCall(operation, args, null);
      if (!tails.isEmpty()) {
        call.predecessor = tailOf(operation.orderKey(args));
        awaitEarlier(call);
      }
      if (callers > lanes.count() || !runAtOnce(call)) {
        enqueue(call);
      }
      return await(call);
    } finally {
      present.decrementAndGet();
    }
  }

  /**
   * Sees to it that what comes before the first call has been done, for calls that do not come by
   * here.
   *
   * @throws HowdahException when it could not be
   */
  public void awaitFirstUse() {
    if (!firstUse.isDone()) {
      boolean answered = call(FirstUse.ANY, "");
      assert answered;
    }
  }

  /**
   * The same however long it takes: in this thread, unless another one is at it.
   *
   * @throws HowdahException when it could not be done
   */
  public void prepare() {
    HowdahException unfit = firstUse.attempt();
    if (unfit != null) {
      throw unfit;
    }
  }

  /**
   * Runs a call on its own thread, if a lane is idle and nothing else waits; or gives it to that of
   * a lane that has to connect. False when it is to be queued.
   */
  private boolean runAtOnce(Call<?, ?> call) {
    if (call.predecessor != null
        || pending.get() != 0
        || VirtualThreads.isVirtual(Thread.currentThread())
        || isQuarantined(call)) {
      return false;
    }
    Lane lane = lanes.takeIdle();
    if (lane == null) {
      return false;
    }
    if (!lane.isReady()) {
      // To connect may take longer than the call has: that is its thread's, and the caller can
      // leave.
      return lanes.open(lane, () -> enqueue(call));
    }
    try {
      if (call.trySend()) {
        runner.runSingle(lane, call, settings.lockTimeout().toMillis());
      }
    } finally {
      lanes.release(lane);
    }
    return true;
  }

  /**
   * Makes a call without waiting. The stage completes exceptionally with what {@link #call} would
   * throw.
   */
  public <A, R extends @Nullable Object> CompletionStage<R> callAsync(
      Operation<A, R> operation, A args) {
    return callAsync(operation, args, false).minimalCompletionStage();
  }

  /**
   * {@link #callAsync} for a thread that waits for the answer itself, with a patience of its own:
   * however busy the executor is, it comes. Nothing else may hang on the future.
   */
  public <A, R extends @Nullable Object> Future<R> callAwaited(Operation<A, R> operation, A args) {
    return callAsync(operation, args, true);
  }

  private <A, R extends @Nullable Object> CompletableFuture<R> callAsync(
      Operation<A, R> operation, A args, boolean isAwaited) {
    HowdahException fault = fault(operation);
    if (fault != null) {
      return CompletableFuture.failedFuture(fault);
    }
    CompletableFuture<R> future = new CompletableFuture<>();
    Call<A, R> call = newCall(operation, args, future);
    call.isAwaited = isAwaited;
    Object key = operation.orderKey(args);
    if (key != null) {
      Tail tail = new Tail(Thread.currentThread(), key);
      call.tail = tail;
      Call<?, ?> earlier = tails.put(tail, call);
      call.predecessor = earlier == null || earlier.isOver() ? null : earlier;
    }
    watch.watch(call);
    enqueue(call);
    return future;
  }

  private <A, R extends @Nullable Object> Call<A, R> newCall(
      Operation<A, R> operation, A args, @Nullable CompletableFuture<R> future) {
    if (closed) {
      throw new HowdahException(ErrorCode.CLOSED, "this Howdah is closed");
    }
    long now = System.nanoTime();
    Duration timeout = operation.isLong() ? Operation.LONG : settings.callTimeout();
    return new Call<>(operation, args, now, now + timeout.toNanos(), future);
  }

  /** A call on several keys begins when this thread's earlier calls on them are over. */
  private <A> void awaitEarlier(Call<A, ?> call) {
    for (Object key : call.operation.orderKeys(call.args)) {
      Call<?, ?> earlier = tailOf(key);
      CompletableFuture<?> future = earlier == null ? null : earlier.future;
      if (future == null) {
        continue;
      }
      try {
        future
            .handle((answer, failure) -> true)
            .get(call.deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw call.interrupted(false);
      } catch (TimeoutException e) {
        throw call.timedOut(false);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private @Nullable Call<?, ?> tailOf(@Nullable Object key) {
    Call<?, ?> tail = key == null ? null : tails.get(new Tail(Thread.currentThread(), key));
    return tail == null || tail.isOver() ? null : tail;
  }

  static <A, R extends @Nullable Object> @Nullable Object orderKey(Call<A, R> call) {
    return call.operation.orderKey(call.args);
  }

  private boolean isQuarantined(Call<?, ?> call) {
    return call.operation.isWrite() && quarantine.holds(orderKey(call));
  }

  // Waiting.

  private <A, R extends @Nullable Object> R await(Call<A, R> call) {
    boolean sentAtDeadline = false;
    boolean interrupted = false;
    long deadline = call.deadlineNanos;
    long patience = STUCK_NANOS;
    while (!call.isOver()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        if (call.withdraw() || sentAtDeadline) {
          boolean maybeApplied = !call.isWithdrawn();
          throw interrupted ? interruption(call, maybeApplied) : call.timedOut(maybeApplied);
        }
        // It is with the database. It is worth a moment to learn what becomes of it.
        sentAtDeadline = true;
        deadline += Watch.graceNanos(settings);
        continue;
      }
      LockSupport.parkNanos(this, Math.min(left, patience));
      if (patience != Long.MAX_VALUE) {
        patience = Long.MAX_VALUE;
        helpIfStuck(call);
      }
      interrupted |= Thread.interrupted();
      if (interrupted && (call.withdraw() || !(call.operation.isKept() || call.isOver()))) {
        throw interruption(call, !call.isWithdrawn());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return call.outcome();
  }

  private static CallFailedException interruption(Call<?, ?> call, boolean maybeApplied) {
    Thread.currentThread().interrupt();
    return call.interrupted(maybeApplied);
  }

  /**
   * The lanes at work may be busy for long, with a slow statement or a locked row: then it takes
   * another one.
   */
  private void helpIfStuck(Call<?, ?> call) {
    if (call.isWaiting()) {
      lanes.wakeOne();
    }
  }

  /** {@link #helpIfStuck} for asynchronous calls. */
  void helpIfStuck() {
    for (CallQueue<?, ?> queue : queues) {
      Call<?, ?> first = queue.peek();
      if (first != null && System.nanoTime() - first.submittedNanos > STUCK_NANOS) {
        lanes.wakeOne();
        return;
      }
    }
  }

  /** At the deadline of an asynchronous call; false when it is with the database. */
  boolean expire(Call<?, ?> call) {
    if (call.isOver()) {
      return true;
    }
    if (!call.withdraw()) {
      return false;
    }
    end(call, call.timedOut(false));
    over(call);
    return true;
  }

  /** The answer has not come in time either: its caller need not wait for it. */
  void abandon(Call<?, ?> call) {
    if (!call.isOver()) {
      end(call, call.timedOut(true));
    }
  }

  private void end(Call<?, ?> call, RuntimeException failure) {
    CompletableFuture<?> future = call.future;
    if (future == null) {
      return;
    }
    if (call.isAwaited) {
      future.completeExceptionally(failure);
      return;
    }
    try {
      futures.execute(() -> future.completeExceptionally(failure));
    } catch (RejectedExecutionException e) {
      future.completeExceptionally(failure);
    }
  }

  // Queueing.

  private void enqueue(Call<?, ?> call) {
    if (isQuarantined(call)) {
      quarantine.add(call);
      return;
    }
    queueOf(call).add(uncheckedCall(call));
    int waiting = pending.incrementAndGet();
    int busy = lanes.busy();
    if (busy < lanes.count() && (busy == 0 || waiting >= CALLS_PER_LANE * busy)) {
      lanes.wakeOne();
    }
    if (closed) {
      failPending();
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  CallQueue<Object, Object> queueOf(Call call) {
    Map<Durability, CallQueue<?, ?>> byLevel = queuesByOperation.get(call.operation);
    if (byLevel == null) {
      byLevel = queuesByOperation.computeIfAbsent(call.operation, this::makeQueues);
    }
    Durability level = runner.levelOf(call.operation, call.args);
    return (CallQueue<Object, Object>) Objects.requireNonNull(byLevel.get(level));
  }

  private Map<Durability, CallQueue<?, ?>> makeQueues(Operation<?, ?> operation) {
    Map<Durability, CallQueue<?, ?>> byLevel = new EnumMap<>(Durability.class);
    for (Durability level : Durability.values()) {
      CallQueue<?, ?> queue = new CallQueue<>(operation, level, pending);
      byLevel.put(level, queue);
      queues.add(queue);
    }
    return byLevel;
  }

  @SuppressWarnings("unchecked")
  private static Call<Object, Object> uncheckedCall(Call<?, ?> call) {
    return (Call<Object, Object>) call;
  }

  // Statements.

  /**
   * Sends what has waited longest, with all that may ride with it; false when nothing waits, or
   * others need the lane.
   */
  boolean serve(Lane lane) {
    CallQueue<?, ?> longest = null;
    long oldest = 0;
    for (CallQueue<?, ?> queue : queues) {
      Call<?, ?> first = queue.peek();
      if (first != null && (longest == null || first.submittedNanos - oldest < 0)) {
        longest = queue;
        oldest = first.submittedNanos;
      }
    }
    if (longest == null) {
      return false;
    }
    run(lane, longest);
    return !quarantine.wantsLane();
  }

  private <A, R extends @Nullable Object> void run(Lane lane, CallQueue<A, R> queue) {
    // Before calls are taken, because until then they may be withdrawn.
    HowdahException unfit = firstUse.attempt();
    SQLException unreachable = unfit == null ? lane.connect() : null;
    lanes.opened(lane);
    Batch<A, R> batch = queue.operation.batch();
    int most = batch == null ? 1 : settings.batchCalls();
    long weight = 0;
    List<Call<A, R>> calls = new ArrayList<>();
    while (calls.size() < most && weight < settings.batchBytes()) {
      Call<A, R> call = queue.poll();
      if (call == null) {
        break;
      }
      int callWeight = batch == null ? 0 : batch.weight(call.args);
      if (mayGo(call, calls) && takeForSending(call)) {
        calls.add(call);
        weight += callWeight;
      }
    }
    if (calls.isEmpty()) {
      return;
    }
    if (unfit != null) {
      runner.failUnfit(calls, unfit);
      return;
    }
    if (unreachable != null) {
      runner.failUnreachable(calls, unreachable);
      return;
    }
    for (Call<A, R> left : runner.runBatch(lane, queue.operation, queue.level, calls)) {
      left.unsend();
      queue.giveBack(left);
      pending.incrementAndGet();
    }
  }

  /** False when its caller has left; a call past its deadline is ended here. */
  boolean takeForSending(Call<?, ?> call) {
    if (!call.trySend()) {
      return false;
    }
    if (call.isLate()) {
      call.fail(call.timedOut(false));
      runner.deliver(List.of(call));
      return false;
    }
    return true;
  }

  /** Whether a call may be sent now; otherwise it has been put where it waits. */
  private boolean mayGo(Call<?, ?> call, List<? extends Call<?, ?>> riding) {
    Call<?, ?> earlier = call.predecessor;
    if (earlier != null
        && !earlier.isOver()
        && !riding.contains(earlier)
        && earlier.addSuccessor(call)) {
      return false;
    }
    if (isQuarantined(call)) {
      quarantine.add(call);
      return false;
    }
    return true;
  }

  // What becomes of calls that were sent.

  @Override
  public void again(Call<?, ?> call) {
    call.unsend();
    queueOf(call).giveBack(uncheckedCall(call));
    pending.incrementAndGet();
    lanes.wakeOne();
  }

  @Override
  public void quarantine(Call<?, ?> call) {
    call.unsend();
    quarantine.add(call);
  }

  @Override
  public boolean putBehindPredecessor(Call<?, ?> call) {
    Call<?, ?> earlier = call.predecessor;
    if (earlier == null || earlier.isOver()) {
      return false;
    }
    call.unsend();
    if (!earlier.addSuccessor(call)) {
      enqueue(call);
    }
    return true;
  }

  @Override
  public void over(Call<?, ?> call) {
    Object tail = call.tail;
    if (tail != null) {
      tails.remove(tail, call);
    }
    call.forget();
    Call<?, ?> next;
    while ((next = call.pollSuccessor()) != null) {
      // With those of its kind that wait behind it: they may share its statement.
      Operation<?, ?> kind = next.operation;
      while (next != null) {
        enqueue(next);
        next = next.pollSuccessor(kind);
      }
    }
  }

  // Closing.

  @Override
  public void close() {
    closed = true;
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    failPending();
    quarantine.close();
    lanes.close(settings.callTimeout());
    watch.close();
  }

  private void failPending() {
    for (CallQueue<?, ?> queue : queues) {
      Call<?, ?> call;
      while ((call = queue.poll()) != null) {
        if (call.trySend()) {
          call.fail(new HowdahException(ErrorCode.CLOSED, "this Howdah is closed"));
          runner.deliver(List.of(call));
        }
      }
    }
  }
}
