package io.howdah.bench.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;

/** Runs one round: starts a platform thread for each loop, lets all go at once, and adds up. */
public final class RoundRunner {

  private RoundRunner() {}

  /** Runs one; warm-ups have numbers below 0. */
  public static Round run(int number, int position, List<CallLoop> loops, Duration length)
      throws InterruptedException {
    List<CallRecorder> recorders = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    CountDownLatch ready = new CountDownLatch(loops.size());
    CountDownLatch go = new CountDownLatch(1);
    for (CallLoop loop : loops) {
      CallRecorder recorder = new CallRecorder();
      recorders.add(recorder);
      Thread thread = new Thread(() -> call(loop, recorder, ready, go), "bench-caller");
      // Ctrl-C must not wait for callers that hang in a driver.
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
    ready.await();
    long deadline = System.nanoTime() + length.toNanos();
    recorders.forEach(recorder -> recorder.startUntil(deadline));
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    return sum(number, position, recorders, length);
  }

  private static void call(
      CallLoop loop, CallRecorder recorder, CountDownLatch ready, CountDownLatch go) {
    ready.countDown();
    try {
      go.await();
      loop.run(recorder);
    } catch (Exception e) {
      recorder.failed(e);
    } catch (Error e) {
      // Without this a thread that dies would look like a store that is slow.
      recorder.failed(e);
      throw e;
    }
  }

  private static Round sum(
      int number, int position, List<CallRecorder> recorders, Duration length) {
    Histogram latencies = CallRecorder.newHistogram();
    long calls = 0;
    long wrongAnswers = 0;
    Set<String> problems = new LinkedHashSet<>();
    for (CallRecorder recorder : recorders) {
      latencies.add(recorder.latencies());
      calls += recorder.calls();
      wrongAnswers += recorder.wrongAnswers();
      String problem = recorder.problem();
      if (problem != null) {
        problems.add(problem);
      }
    }
    return new Round(
        number, position, calls, length.toNanos(), latencies, wrongAnswers, List.copyOf(problems));
  }
}
