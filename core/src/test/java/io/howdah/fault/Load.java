package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.CallFailedException;
import io.howdah.Howdah;
import io.howdah.fault.History.Event;
import io.howdah.fault.History.Kind;
import io.howdah.fault.History.Outcome;
import io.howdah.kv.AsyncKeyValueStore;
import io.howdah.kv.Entry;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Many callers at once on a few keys, blocking and asynchronous ones, until they are told to stop.
 * Every call is recorded. The keys are registers, which all calls but increments use, and counters;
 * now and then all go on to new keys, so that the history of each is short enough to be searched.
 */
final class Load {
  /** A counter that is never left. */
  static final String TOTAL = "total";

  private static final int REGISTERS = 6;
  private static final int COUNTERS = 2;

  /** What a client does that is told that there is no server. */
  private static final long BACK_OFF_NANOS = 5_000_000;

  /**
   * How large it is.
   *
   * @param blocking threads that make one call at a time
   * @param asynchronous threads that make {@code window} calls at a time
   * @param callsPerKeys answered calls after which all go on to new keys
   * @param pauseNanos between two calls of a thread
   */
  record Size(int blocking, int asynchronous, int window, int callsPerKeys, long pauseNanos) {
    static final Size LARGE = new Size(32, 4, 8, 1_500, 0);
    static final Size SMALL = new Size(12, 2, 4, 800, 0);
    static final Size SLOW = new Size(12, 2, 4, 1_500, 5_000_000);
  }

  /** What a call is answered with. */
  private record Answer(long value, long version) {
    static Answer of(boolean done) {
      return new Answer(done ? 1 : 0, 0);
    }

    static Answer of(OptionalLong version) {
      return new Answer(version.isPresent() ? 1 : 0, version.orElse(0));
    }

    static Answer of(Optional<Entry<Long>> entry) {
      return new Answer(entry.map(Entry::value).orElse(0L), entry.map(Entry::version).orElse(0L));
    }
  }

  private final History history;
  private final Size size;
  private final AtomicLong values;
  private final List<String> namespaces;
  private final Map<String, KeyValueStore<Long>> stores = new LinkedHashMap<>();
  private final Map<String, AtomicLong> answered = new LinkedHashMap<>();
  private final AtomicLong allAnswered = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private final Semaphore underWay = new Semaphore(Integer.MAX_VALUE);
  private volatile long backOffUntil = System.nanoTime();
  private volatile boolean stopped;

  /**
   * Not started yet.
   *
   * @param process different for all that write to the same namespaces: their values are
   */
  Load(Howdah howdah, List<String> namespaces, History history, Size size, int process) {
    this.history = history;
    this.size = size;
    this.values = new AtomicLong((long) process << 40);
    this.namespaces = List.copyOf(namespaces);
    for (String namespace : namespaces) {
      stores.put(namespace, howdah.kv(namespace, Long.class));
      answered.put(namespace, new AtomicLong());
    }
  }

  void start(long seed) {
    for (int i = 0; i < size.blocking + size.asynchronous; i++) {
      Random random = new Random(seed + i);
      Runnable caller = i < size.blocking ? () -> block(random) : () -> callAhead(random);
      Thread thread = new Thread(() -> run(caller), "load-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  private void run(Runnable caller) {
    try {
      while (!stopped) {
        caller.run();
        if (size.pauseNanos > 0) {
          LockSupport.parkNanos(size.pauseNanos);
        }
      }
    } catch (RuntimeException | Error e) {
      history.addUntyped(e);
    }
  }

  /** Waits until so many more calls on each namespace have been answered. */
  void awaitProgress(int calls) {
    awaitProgress(calls, namespaces);
  }

  void awaitProgress(int calls, List<String> where) {
    for (String namespace : where) {
      AtomicLong count = answered.get(namespace);
      long until = count.get() + calls;
      Eventually.holds(
          "the calls on " + namespace + " go on; until now " + history.outcomes(),
          () -> count.get() >= until || !history.untyped().isEmpty());
    }
  }

  /** Ends the callers; false when one of them does not come back within that time. */
  boolean stop(Duration within) {
    stopped = true;
    long giveUpAt = System.nanoTime() + within.toNanos();
    try {
      for (Thread thread : threads) {
        thread.join(Math.max(1, (giveUpAt - System.nanoTime()) / 1_000_000));
        if (thread.isAlive()) {
          return false;
        }
      }
      return underWay.tryAcquire(
          Integer.MAX_VALUE, Math.max(1, giveUpAt - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  // Choosing a call.

  private String anyOf(List<String> some, Random random) {
    return some.get(random.nextInt(some.size()));
  }

  private String generation() {
    return Long.toString(allAnswered.get() / size.callsPerKeys);
  }

  private String register(Random random) {
    return "r" + generation() + "-" + random.nextInt(REGISTERS);
  }

  private String counter(Random random) {
    return random.nextInt(8) == 0 ? TOTAL : "c" + generation() + "-" + random.nextInt(COUNTERS);
  }

  private void block(Random random) {
    String namespace = anyOf(namespaces, random);
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4 -> set(namespace, register(random));
      case 5, 6 -> setIfAbsent(namespace, register(random));
      case 7, 8, 9, 10 -> compareAndSet(namespace, register(random));
      case 11, 12 -> delete(namespace, register(random));
      case 13, 14 -> read(namespace, register(random));
      case 15 -> read(namespace, counter(random));
      default -> increment(namespace, counter(random));
    }
  }

  private void callAhead(Random random) {
    String namespace = anyOf(namespaces, random);
    AsyncKeyValueStore<Long> store = store(namespace).async();
    String register = register(random);
    long value = values.incrementAndGet();
    switch (random.nextInt(6)) {
      case 0, 1 ->
          later(
              new Asked(namespace, register, Kind.SET, value, 0),
              () -> store.set(register, value).thenApply(version -> new Answer(1, version)));
      case 2 ->
          later(
              new Asked(namespace, register, Kind.DELETE, 0, 0),
              () -> store.delete(register).thenApply(Answer::of));
      case 3 ->
          later(
              new Asked(namespace, register, Kind.GET, 0, 0),
              () -> store.getEntry(register).thenApply(Answer::of));
      default -> {
        String counter = counter(random);
        later(
            new Asked(namespace, counter, Kind.INCREMENT, 1, 0),
            () -> store.increment(counter, 1).thenApply(sum -> new Answer(sum, 0)));
      }
    }
    // No more than the window are under way.
    int most = Integer.MAX_VALUE - size.asynchronous * size.window;
    while (!stopped
        && (underWay.availablePermits() < most || System.nanoTime() - backOffUntil < 0)) {
      LockSupport.parkNanos(200_000);
    }
  }

  private KeyValueStore<Long> store(String namespace) {
    KeyValueStore<Long> store = stores.get(namespace);
    assertThat(store).as(namespace).isNotNull();
    return store;
  }

  // The calls.

  /** A call before its answer. */
  private record Asked(String namespace, String key, Kind kind, long value, long expected) {}

  void set(String namespace, String key) {
    long value = values.incrementAndGet();
    now(
        new Asked(namespace, key, Kind.SET, value, 0),
        () -> new Answer(1, store(namespace).set(key, value)));
  }

  private void setIfAbsent(String namespace, String key) {
    long value = values.incrementAndGet();
    now(
        new Asked(namespace, key, Kind.SET_IF_ABSENT, value, 0),
        () -> Answer.of(store(namespace).setIfAbsent(key, value)));
  }

  private void compareAndSet(String namespace, String key) {
    Answer before = read(namespace, key);
    if (before == null || before.version() == 0) {
      return;
    }
    long value = values.incrementAndGet();
    now(
        new Asked(namespace, key, Kind.COMPARE_AND_SET, value, before.value()),
        () -> Answer.of(store(namespace).compareAndSet(key, before.version(), value)));
  }

  private void delete(String namespace, String key) {
    now(
        new Asked(namespace, key, Kind.DELETE, 0, 0),
        () -> Answer.of(store(namespace).delete(key)));
  }

  private @Nullable Answer read(String namespace, String key) {
    return now(
        new Asked(namespace, key, Kind.GET, 0, 0), () -> Answer.of(store(namespace).getEntry(key)));
  }

  void increment(String namespace, String key) {
    now(
        new Asked(namespace, key, Kind.INCREMENT, 1, 0),
        () -> new Answer(store(namespace).increment(key), 0));
  }

  private @Nullable Answer now(Asked asked, Supplier<Answer> call) {
    long began = System.nanoTime();
    try {
      Answer answer = call.get();
      answered(asked, began, answer);
      return answer;
    } catch (RuntimeException e) {
      failed(asked, began, e);
      LockSupport.parkNanos(BACK_OFF_NANOS);
      return null;
    }
  }

  private void later(Asked asked, Supplier<CompletionStage<Answer>> call) {
    underWay.acquireUninterruptibly();
    long began = System.nanoTime();
    var unused =
        call.get()
            .whenComplete((answer, failure) -> {
              if (failure == null) {
                answered(asked, began, answer);
              } else {
                failed(asked, began, History.cause(failure));
                backOffUntil = System.nanoTime() + BACK_OFF_NANOS;
              }
              underWay.release();
            });
  }

  private void answered(Asked asked, long began, Answer answer) {
    history.add(
        new Event(
            asked.namespace,
            asked.key,
            asked.kind,
            asked.value,
            asked.expected,
            began,
            System.nanoTime(),
            Outcome.ANSWERED,
            answer.value,
            answer.version,
            "-"));
    allAnswered.incrementAndGet();
    answered.get(asked.namespace).incrementAndGet();
  }

  private void failed(Asked asked, long began, Throwable failure) {
    if (!(failure instanceof CallFailedException e)) {
      history.addUntyped(failure);
      return;
    }
    history.add(
        new Event(
            asked.namespace,
            asked.key,
            asked.kind,
            asked.value,
            asked.expected,
            began,
            System.nanoTime(),
            History.outcome(e),
            0,
            0,
            e.code().name()));
  }
}
