package io.howdah.bench.kv;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A store whose callers send on without waiting, up to a number of calls in flight. */
public non-sealed interface PipelinedTarget extends KvTarget {

  @Override
  default boolean supports(Workload workload) {
    return workload != Workload.INCREMENT;
  }

  /** How many calls each thread keeps in flight. */
  int window();

  /** What one thread calls through. */
  Pipe pipe(int thread);

  /** The calls of one thread. */
  interface Pipe {

    /** The value, or null when there is none. */
    CompletionStage<? extends @Nullable String> get(String key);

    /** Stores a value. */
    CompletionStage<?> set(String key, String value);

    /** Sends what has been held back; called before an answer is waited for. */
    void flush();
  }
}
