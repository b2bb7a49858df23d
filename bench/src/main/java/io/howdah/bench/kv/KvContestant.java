package io.howdah.bench.kv;

import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Profile;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A key-value store as a contestant. */
final class KvContestant implements Contestant {

  private final KvTarget target;
  private final Dataset dataset;

  KvContestant(KvTarget target, Dataset dataset) {
    this.target = target;
    this.dataset = dataset;
  }

  @Override
  public Profile profile() {
    return target.profile();
  }

  @Override
  public boolean plays(String workload) {
    return target.supports(Workload.ofId(workload));
  }

  void load() throws Exception {
    target.open(1);
    try {
      target.load(dataset);
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
        for (int thread = 0; thread < measured.threads(); thread++) {
          loops.add(loop(workload, thread, new SplittableRandom(round * 100_003L + thread)));
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

  private CallLoop loop(Workload workload, int thread, SplittableRandom random) {
    if (target instanceof PipelinedTarget pipelined) {
      return new PipelinedLoop(
          pipelined.pipe(thread), pipelined.window(), workload, dataset, random);
    }
    return new BlockingLoop((BlockingTarget) target, workload, dataset, random);
  }
}
