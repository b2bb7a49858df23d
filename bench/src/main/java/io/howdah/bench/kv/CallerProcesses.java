package io.howdah.bench.kv;

import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.CallRecorder;
import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.HistogramText;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.ChildJvm;
import io.howdah.bench.server.Servers;
import java.util.ArrayList;
import java.util.List;

/** A contestant whose callers are spread over several processes, as those of an application are. */
public final class CallerProcesses implements Contestant {

  private final Contestant loaded;
  private final Servers servers;
  private final KvSettings settings;
  private final int processes;

  /**
   * @param loaded the contestant, whose data are there
   * @param settings those it was loaded with; its variant tells of lanes only
   * @param processes how many there are; the callers of a case are a multiple of it
   */
  public CallerProcesses(Contestant loaded, Servers servers, KvSettings settings, int processes) {
    this.loaded = loaded;
    this.servers = servers;
    this.settings = settings;
    this.processes = processes;
  }

  @Override
  public Profile profile() {
    return loaded.profile();
  }

  @Override
  public boolean plays(String workload) {
    return loaded.plays(workload);
  }

  @Override
  public Session open(Case measured) throws Exception {
    Playing session = new Playing();
    try {
      for (int process = 0; process < processes; process++) {
        CallerProcess.Calls calls =
            new CallerProcess.Calls(
                profile().name(),
                measured.workload(),
                measured.threads() / processes,
                settings.keys(),
                settings.valueBytes(),
                settings.variant().lanes(),
                process);
        session.children.add(
            ChildJvm.start(
                CallerProcess.class,
                servers.folder().resolve("callers.log").toFile(),
                servers.whereabouts(),
                calls.toLine()));
      }
      for (ChildJvm child : session.children) {
        child.awaitReady();
      }
      return session;
    } catch (Exception e) {
      session.close();
      throw e;
    }
  }

  private static final class Playing implements Session {
    private final List<ChildJvm> children = new ArrayList<>();

    @Override
    public List<CallLoop> loops(int round) {
      return children.stream()
          .<CallLoop>map(child -> recorder -> play(child, round, recorder))
          .toList();
    }

    private static void play(ChildJvm child, int round, CallRecorder recorder) throws Exception {
      CallerProcess.Answer answer =
          CallerProcess.Answer.ofLine(child.ask(round + " " + recorder.timeLeft().toMillis()));
      recorder.counted(answer.calls(), HistogramText.parse(answer.nanos()));
      if (!answer.problem().isEmpty()) {
        recorder.wrong(answer.problem());
      }
    }

    @Override
    public void close() throws Exception {
      for (ChildJvm child : children) {
        child.close();
      }
    }
  }
}
