package io.howdah.bench.measure;

/** What one thread does during one round: call, and record each call, until the time is up. */
@FunctionalInterface
public interface CallLoop {

  /**
   * Calls until {@link CallRecorder#isOver()}.
   *
   * @throws Exception when a call fails: it ends the thread's round and disqualifies the contestant
   */
  void run(CallRecorder recorder) throws Exception;
}
