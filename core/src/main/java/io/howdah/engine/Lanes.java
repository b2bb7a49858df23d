package io.howdah.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Who may use which lane. A lane is taken by clearing its bit in {@link #idle}. Whoever gives a
 * lane back looks at the queues afterwards, and whoever queues looks at the lanes afterwards; so no
 * call is left behind.
 */
final class Lanes {
  private final Quarantine quarantine;

  /** How many calls are in the queues. */
  private final AtomicInteger pending;

  private final Lane[] lanes;
  private final LaneThread[] threads;
  private final AtomicLong idle;

  /** The bits of those that may be taken. */
  private volatile long usable;

  /**
   * The lane that may open a connection now, if any: one at a time, since a call that waits for a
   * connection is no reason to open another one. Its thread looks at the queues when it has one.
   */
  private final AtomicReference<@Nullable Lane> opening = new AtomicReference<>();

  Lanes(
      Engine engine,
      Quarantine quarantine,
      AtomicInteger pending,
      EngineSettings settings,
      IntFunction<Lane> lane) {
    this.quarantine = quarantine;
    this.pending = pending;
    this.lanes = new Lane[settings.lanes()];
    this.threads = new LaneThread[settings.lanes()];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = lane.apply(i);
      threads[i] = new LaneThread(engine, lanes[i], settings.schema());
    }
    this.usable = (1L << lanes.length) - 1;
    this.idle = new AtomicLong(usable);
  }

  /**
   * Uses no more than so many from now on. Those beyond them that are at work go on until nothing
   * waits.
   *
   * @return how many there are now
   */
  int useAtMost(int count) {
    if (count < lanes.length) {
      usable = (1L << count) - 1;
    }
    return count();
  }

  int count() {
    return Long.bitCount(usable);
  }

  int busy() {
    return lanes.length - Long.bitCount(idle.get());
  }

  /**
   * Takes an idle lane, if there is one: the one that this thread is likely to have had before,
   * since the scheduler has learned to run the two ends of that connection close together. One
   * without a connection only where all others are busy.
   */
  @Nullable Lane takeIdle() {
    long mayBeTaken = usable;
    int preferred = (int) (Thread.currentThread().getId() % Long.bitCount(mayBeTaken));
    while (true) {
      long now = idle.get();
      long candidates = now & mayBeTaken;
      if (candidates == 0) {
        return null;
      }
      long bit = 1L << preferred;
      if ((candidates & bit) == 0 || !lanes[preferred].isOpen()) {
        bit = connected(candidates);
      }
      if (idle.compareAndSet(now, now & ~bit)) {
        return lanes[Long.numberOfTrailingZeros(bit)];
      }
    }
  }

  /** The first lane with a connection, or else the first one. */
  private long connected(long candidates) {
    for (long left = candidates; left != 0; left &= left - 1) {
      if (lanes[Long.numberOfTrailingZeros(left)].isOpen()) {
        return Long.lowestOneBit(left);
      }
    }
    return Long.lowestOneBit(candidates);
  }

  /**
   * Has the thread of a taken lane open its connection for a call, if none is being opened, and
   * otherwise gives the lane back.
   *
   * @param queue puts the call where that thread finds it
   * @return whether that was done
   */
  boolean open(Lane lane, Runnable queue) {
    if (lane.isOpen() || !opening.compareAndSet(null, lane)) {
      release(lane);
      return false;
    }
    queue.run();
    threads[lane.index].work();
    return true;
  }

  /** To be called when a lane has its connection, or has failed to get one. */
  void opened(Lane lane) {
    if (opening.get() == lane) {
      opening.set(null);
    }
  }

  /** Has the thread of an idle lane look at the queues. */
  void wakeOne() {
    Lane lane = takeIdle();
    if (lane != null) {
      wake(lane);
    }
  }

  private void wake(Lane lane) {
    if (mayServe(lane)) {
      threads[lane.index].work();
      return;
    }
    putBack(lane);
    // Whoever opens a connection looks at the queues afterwards, but may just have done so.
    if (pending.get() > 0 && opening.get() == null) {
      wakeOne();
    }
  }

  private boolean mayServe(Lane lane) {
    return lane.isOpen() || opening.compareAndSet(null, lane);
  }

  /** Gives a lane back, or on to the quarantine or to its thread when there is work. */
  void release(Lane lane) {
    opened(lane);
    if (quarantine.takeOver(lane)) {
      return;
    }
    if (pending.get() > 0 && mayServe(lane)) {
      threads[lane.index].work();
      return;
    }
    putBack(lane);
    if (pending.get() > 0 || quarantine.wantsLane()) {
      Lane again = takeIdle();
      if (again != null && !quarantine.takeOver(again)) {
        wake(again);
      }
    }
  }

  private void putBack(Lane lane) {
    idle.getAndUpdate(now -> now | 1L << lane.index);
  }

  /** Gives up connections whose answer is overdue; whether any lane waits for one. */
  boolean look(long nowNanos) {
    boolean anyAtWork = false;
    for (Lane lane : lanes) {
      lane.abortIfOverdue(nowNanos);
      anyAtWork |= lane.isAtWork();
    }
    return anyAtWork;
  }

  /** Ends them all, those that are at work when they are done or the patience is over. */
  void close(Duration patience) {
    long giveUpAt = System.nanoTime() + patience.toNanos();
    int taken = 0;
    while (taken < count() && System.nanoTime() - giveUpAt < 0) {
      if (takeIdle() == null) {
        LockSupport.parkNanos(1_000_000);
      } else {
        taken++;
      }
    }
    for (int i = 0; i < lanes.length; i++) {
      threads[i].finish();
      lanes[i].close();
    }
  }
}
