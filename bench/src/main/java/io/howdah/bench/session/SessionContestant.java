package io.howdah.bench.session;

import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.CallRecorder;
import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Profile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** A store of sessions as a contestant. */
public final class SessionContestant implements Contestant {

  /** How many threads begin the sessions. */
  public static final int LOADING_THREADS = 8;

  private final SessionTarget target;
  private final String[] ids;

  public SessionContestant(SessionTarget target, int sessions) {
    this.target = target;
    this.ids = new String[sessions];
  }

  @Override
  public Profile profile() {
    return target.profile();
  }

  @Override
  public boolean plays(String workload) {
    return Arrays.stream(Workload.values()).anyMatch(each -> each.id().equals(workload));
  }

  /**
   * Begins all sessions.
   *
   * @param sessionBytes about how many bytes the attributes of each are, as JSON
   */
  public void load(int sessionBytes) throws Exception {
    Attributes attributes = new Attributes(sessionBytes);
    target.prepare();
    target.open(LOADING_THREADS);
    ExecutorService threads = Executors.newFixedThreadPool(LOADING_THREADS);
    try {
      List<Callable<Boolean>> parts = new ArrayList<>();
      for (int part = 0; part < LOADING_THREADS; part++) {
        int first = part;
        parts.add(() -> {
          for (int i = first; i < ids.length; i += LOADING_THREADS) {
            ids[i] = target.create(i, attributes);
          }
          return true;
        });
      }
      for (Future<Boolean> part : threads.invokeAll(parts)) {
        boolean unused = part.get();
      }
    } finally {
      threads.shutdown();
      target.close();
    }
  }

  @Override
  public Session open(Case measured) throws Exception {
    Workload workload = Workload.ofId(measured.workload());
    target.open(measured.threads());
    return new Session() {
      @Override
      public List<CallLoop> loops(int round) {
        return IntStream.range(0, measured.threads())
            .mapToObj(thread -> loop(workload, new SplittableRandom(round * 100_003L + thread)))
            .toList();
      }

      @Override
      public void settle() throws Exception {
        target.settle();
      }

      @Override
      public void close() throws Exception {
        target.close();
      }
    };
  }

  /** A closed loop: the next request comes when the answer to the last one is there. */
  private CallLoop loop(Workload workload, SplittableRandom random) {
    return (CallRecorder recorder) -> {
      while (!recorder.isOver()) {
        int session = random.nextInt(ids.length);
        int visits = workload.changes() ? 1 + random.nextInt(1_000) : 0;
        long startedAt = System.nanoTime();
        boolean right = target.request(session, ids[session], visits);
        recorder.completed(startedAt, System.nanoTime());
        if (!right) {
          recorder.wrong("session " + session + " was not found, or was another one");
        }
      }
    };
  }
}
