package io.howdah.bench.kv;

import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.CallRecorder;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a window of calls in flight: when it is full, the oldest is waited for. Before it waits, it
 * flushes: a store that holds calls back thus sends as many together as answers came in together.
 */
final class PipelinedLoop implements CallLoop {

  /** So that a store that never answers ends the benchmark with a message. */
  private static final long PATIENCE_SECONDS = 60;

  private final PipelinedTarget.Pipe pipe;
  private final int window;
  private final Workload workload;
  private final Dataset dataset;
  private final SplittableRandom random;

  PipelinedLoop(
      PipelinedTarget.Pipe pipe,
      int window,
      Workload workload,
      Dataset dataset,
      SplittableRandom random) {
    this.pipe = pipe;
    this.window = window;
    this.workload = workload;
    this.dataset = dataset;
    this.random = random;
  }

  @Override
  public void run(CallRecorder recorder) throws Exception {
    ArrayDeque<CompletableFuture<Answer>> inFlight = new ArrayDeque<>(window);
    while (!recorder.isOver()) {
      if (inFlight.size() == window) {
        record(recorder, inFlight.remove());
      }
      inFlight.add(send());
    }
    while (!inFlight.isEmpty()) {
      record(recorder, inFlight.remove());
    }
  }

  private CompletableFuture<Answer> send() {
    int index = random.nextInt(dataset.size());
    String key = dataset.key(index);
    if (workload.nextIsRead(random)) {
      long startedAt = System.nanoTime();
      return answered(pipe.get(key), index, startedAt, true);
    }
    String value = dataset.value(index, random.nextInt(Dataset.REVISIONS));
    long startedAt = System.nanoTime();
    return answered(pipe.set(key, value), index, startedAt, false);
  }

  /**
   * The end is noted by the thread that completes the call: its sender may get to it much later,
   * because it waits for older ones first.
   */
  private static CompletableFuture<Answer> answered(
      CompletionStage<?> stage, int index, long startedAt, boolean read) {
    return stage
        .<Answer>thenApply(value ->
            new Answer(index, startedAt, System.nanoTime(), read, read ? (String) value : null))
        .toCompletableFuture();
  }

  private void record(CallRecorder recorder, CompletableFuture<Answer> call) throws Exception {
    if (!call.isDone()) {
      pipe.flush();
    }
    Answer answer = call.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    recorder.completed(answer.startedAt, answer.endedAt);
    if (answer.read) {
      BlockingLoop.check(recorder, dataset, answer.index, answer.value);
    }
  }

  private record Answer(
      int index, long startedAt, long endedAt, boolean read, @Nullable String value) {}
}
