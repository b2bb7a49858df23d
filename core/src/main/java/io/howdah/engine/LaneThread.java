package io.howdah.engine;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the batches of one lane. A platform thread: an interrupted virtual one would close its
 * socket, and fail them all. Starts at its first work.
 */
final class LaneThread implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(LaneThread.class);

  private final Engine engine;
  private final Lane lane;
  private final String name;
  private volatile boolean assigned;
  private volatile boolean finished;
  private volatile @Nullable Thread thread;

  LaneThread(Engine engine, Lane lane, String schema) {
    this.engine = engine;
    this.lane = lane;
    this.name = "howdah-" + schema + "-lane-" + lane.index;
  }

  /** The lane has been taken for this thread. */
  void work() {
    assigned = true;
    Thread running = thread;
    if (running == null) {
      running = new Thread(this, name);
      running.setDaemon(true);
      thread = running;
      running.start();
    } else {
      LockSupport.unpark(running);
    }
  }

  void finish() {
    finished = true;
    LockSupport.unpark(thread);
  }

  @Override
  public void run() {
    while (!finished) {
      while (!assigned && !finished) {
        LockSupport.park(this);
      }
      assigned = false;
      try {
        while (!finished && engine.serve(lane)) {}
      } catch (RuntimeException | Error e) {
        LOG.error("lane {} goes on after an error", lane.index, e);
        lane.discard();
      }
      if (!finished) {
        engine.lanes().release(lane);
      }
    }
  }
}
