package io.howdah.spring;

import org.springframework.context.SmartLifecycle;

/**
 * Has methods of beans called from when the context is ready until it is closed. What a start that
 * fails has begun is ended again: Spring stops only what runs.
 */
public abstract class HandlerLifecycle implements SmartLifecycle {
  private final String stoppingThread;
  private volatile boolean running;

  /**
   * Begins nothing.
   *
   * @param stoppingThread the name of the thread that stops it
   */
  protected HandlerLifecycle(String stoppingThread) {
    this.stoppingThread = stoppingThread;
  }

  /** Has the methods called from now on. */
  protected abstract void begin();

  /**
   * Has them called no more; returns when those that are under way have ended, or had their time.
   */
  protected abstract void end();

  @Override
  public final void start() {
    try {
      begin();
      running = true;
    } catch (RuntimeException | Error e) {
      end();
      throw e;
    }
  }

  @Override
  public final void stop() {
    end();
    running = false;
  }

  /** Without waiting, so that the grace of all that stops is that of one. */
  @Override
  public final void stop(Runnable callback) {
    new Thread(
            () -> {
              try {
                stop();
              } finally {
                callback.run();
              }
            },
            stoppingThread)
        .start();
  }

  @Override
  public final boolean isRunning() {
    return running;
  }
}
