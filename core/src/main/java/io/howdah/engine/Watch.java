package io.howdah.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's clock: ends asynchronous calls at their deadline, gives up connections whose answer
 * is overdue, and sees that no call is stuck behind a slow statement. Blocking callers watch their
 * own deadline. It sleeps while nothing is under way.
 */
final class Watch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
  private static final long LOOK_EVERY_NANOS = 10_000_000;

  /** After so many looks at nothing it sleeps until it is woken. */
  private static final int LOOKS_BEFORE_SLEEP = 100;

  /**
   * A deadline. The call is let go when it is over, long before the deadline, so that its values
   * are not kept.
   */
  static final class Deadline {
    private final long atNanos;
    private volatile @Nullable Call<?, ?> call;

    private Deadline(long atNanos, Call<?, ?> call) {
      this.atNanos = atNanos;
      this.call = call;
    }

    void met() {
      call = null;
    }
  }

  private final Engine engine;
  private final String name;

  /**
   * Calls with one timeout, so about in the order of the deadlines; and those with the long one.
   */
  private final Queue<Deadline> deadlines = new ConcurrentLinkedQueue<>();

  private final Queue<Deadline> longDeadlines = new ConcurrentLinkedQueue<>();

  /** Calls that were with the database at their deadline: their answer gets a moment more. */
  private final Queue<Deadline> graces = new ConcurrentLinkedQueue<>();

  private final long graceNanos;
  private final ReentrantLock starting = new ReentrantLock();
  private volatile @Nullable Thread thread;
  private volatile boolean asleep = true;
  private volatile boolean closed;

  Watch(Engine engine, EngineSettings settings) {
    this.engine = engine;
    this.name = "howdah-" + settings.schema() + "-watch";
    this.graceNanos = graceNanos(settings);
  }

  /** How much longer than to its deadline an answer is waited for that is under way. */
  static long graceNanos(EngineSettings settings) {
    return Math.min(2 * settings.lockTimeout().toNanos(), settings.callTimeout().toNanos());
  }

  void watch(Call<?, ?> call) {
    Deadline deadline = new Deadline(call.deadlineNanos, call);
    call.watched = deadline;
    (call.operation.isLong() ? longDeadlines : deadlines).add(deadline);
    wake();
  }

  void laneAtWork() {
    wake();
  }

  private void wake() {
    if (asleep) {
      start();
    }
  }

  private void start() {
    starting.lock();
    try {
      if (closed || !asleep) {
        return;
      }
      asleep = false;
      Thread running = thread;
      if (running == null) {
        running = new Thread(this, name);
        running.setDaemon(true);
        thread = running;
        running.start();
      } else {
        LockSupport.unpark(running);
      }
    } finally {
      starting.unlock();
    }
  }

  @Override
  public void run() {
    int idleLooks = 0;
    while (!closed) {
      try {
        idleLooks = look() ? 0 : idleLooks + 1;
      } catch (RuntimeException | Error e) {
        LOG.error("the watch goes on after an error", e);
      }
      if (idleLooks < LOOKS_BEFORE_SLEEP) {
        LockSupport.parkNanos(this, LOOK_EVERY_NANOS);
        continue;
      }
      idleLooks = 0;
      asleep = true;
      // Who came between the last look and the line above has seen it awake.
      if (look()) {
        asleep = false;
      }
      while (asleep && !closed) {
        LockSupport.park(this);
      }
    }
  }

  /** Whether there was anything to watch. */
  private boolean look() {
    long now = System.nanoTime();
    expire(deadlines, now);
    expire(longDeadlines, now);
    Deadline due;
    while ((due = pollDue(graces, now)) != null) {
      Call<?, ?> call = due.call;
      if (call != null) {
        engine.abandon(call);
      }
    }
    boolean lanesAtWork = engine.lanes().look(now);
    engine.helpIfStuck();
    return lanesAtWork || !deadlines.isEmpty() || !longDeadlines.isEmpty() || !graces.isEmpty();
  }

  private void expire(Queue<Deadline> queue, long now) {
    Deadline due;
    while ((due = pollDue(queue, now)) != null) {
      Call<?, ?> call = due.call;
      if (call != null && !engine.expire(call)) {
        Deadline grace = new Deadline(due.atNanos + graceNanos, call);
        call.watched = grace;
        graces.add(grace);
      }
    }
  }

  private static @Nullable Deadline pollDue(Queue<Deadline> queue, long now) {
    Deadline first = queue.peek();
    return first != null && (first.call == null || first.atNanos - now <= 0) ? queue.poll() : null;
  }

  void close() {
    closed = true;
    Thread running = thread;
    if (running != null) {
      LockSupport.unpark(running);
    }
  }
}
