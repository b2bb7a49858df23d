package io.howdah.bench.kv;

import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.server.Servers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** A key-value store as a contestant. */
public final class KvContestant implements Contestant {

  private final KvTarget target;
  private final Dataset dataset;

  private KvContestant(KvTarget target, Dataset dataset) {
    this.target = target;
    this.dataset = dataset;
  }

  /** One of {@link KvTargets#ALL}, with its server started; its data may be there or not. */
  static KvContestant of(String name, Servers servers, KvSettings settings) throws Exception {
    return new KvContestant(
        KvTargets.ALL.create(name, servers, settings),
        new Dataset(settings.keys(), settings.valueBytes()));
  }

  /** The same one, with its data loaded. */
  public static KvContestant loaded(
      String name, Servers servers, KvSettings settings, Progress progress) throws Exception {
    KvContestant contestant = of(name, servers, settings);
    progress.phase(
        String.format(
            Locale.ROOT,
            "loading %,d keys of %,d bytes into %s",
            settings.keys(),
            settings.valueBytes(),
            contestant.profile().label()));
    contestant.load(new Steps(progress, settings.keys()));
    return contestant;
  }

  /** Tells of each million. */
  private static final class Steps implements LoadWatch {
    private static final int STEP = 1_000_000;

    private final Progress progress;
    private final int keys;
    private int told = 0;

    Steps(Progress progress, int keys) {
      this.progress = progress;
      this.keys = keys;
    }

    @Override
    public void loaded(int soFar) {
      if (soFar - told >= STEP && soFar < keys) {
        told = soFar;
        progress.phase(String.format(Locale.ROOT, "loaded %,d of %,d keys, going on", soFar, keys));
      }
    }
  }

  @Override
  public Profile profile() {
    return target.profile();
  }

  @Override
  public boolean plays(String workload) {
    return target.supports(Workload.ofId(workload));
  }

  private void load(LoadWatch watch) throws Exception {
    target.open(1);
    try {
      target.load(dataset, watch);
    } finally {
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
        List<CallLoop> loops = new ArrayList<>();
        if (round < 0 && target instanceof PgbenchTarget) {
          // A program of its own, in which there is nothing to be compiled.
          return loops;
        }
        for (int thread = 0; thread < target.callers(measured.threads()); thread++) {
          loops.add(
              loop(
                  measured.threads(),
                  workload,
                  thread,
                  new SplittableRandom(round * 100_003L + thread)));
        }
        return loops;
      }

      @Override
      public void settle() throws Exception {
        if (workload.writes()) {
          target.settle();
        }
      }

      @Override
      public void close() throws Exception {
        target.close();
      }
    };
  }

  private CallLoop loop(int threads, Workload workload, int thread, SplittableRandom random) {
    if (target instanceof PgbenchTarget pgbench) {
      return pgbench.loop(workload, dataset, threads);
    }
    if (target instanceof PipelinedTarget pipelined) {
      return new PipelinedLoop(
          pipelined.pipe(thread), pipelined.window(), workload, dataset, random);
    }
    return new BlockingLoop((BlockingTarget) target, workload, dataset, random);
  }
}
