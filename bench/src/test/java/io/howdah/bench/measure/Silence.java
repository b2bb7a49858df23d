package io.howdah.bench.measure;

import java.time.Duration;
import java.util.List;

/** Hears nothing. */
public final class Silence implements Progress {
  @Override
  public void phase(String description) {}

  @Override
  public void begin(Duration planned) {}

  @Override
  public void roundDone(Case measured, int round, List<RoundResult> results) {}

  @Override
  public void caseDone(Case measured, List<CaseResult> results) {}
}
