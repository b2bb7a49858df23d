package io.howdah.bench.measure;

import java.time.Duration;
import java.util.List;

/** Hears how far a benchmark is. */
public interface Progress {

  /** Something that is not a case has begun, for example loading. */
  void phase(String description);

  /**
   * The measured cases begin.
   *
   * @param planned all rounds and warm-ups of all contestants together, as if none shared any
   */
  void begin(Duration planned);

  /**
   * All contestants have played one round.
   *
   * @param round from 0
   * @param results what each did, in the contestants' own order
   */
  void roundDone(Case measured, int round, List<RoundResult> results);

  /** All rounds of a case are done. */
  void caseDone(Case measured, List<CaseResult> results);

  /**
   * What one contestant did in one round.
   *
   * @param profile the contestant
   * @param round what it did
   */
  record RoundResult(Profile profile, Round round) {}
}
