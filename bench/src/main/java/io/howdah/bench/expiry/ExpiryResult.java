package io.howdah.bench.expiry;

import java.util.List;
import java.util.Optional;

/**
 * All that was seen.
 *
 * @param refreshes one for each order
 * @param massExpiry empty where it was not measured
 * @param eviction empty where it was not measured
 * @param problems wrong answers and failures, without repeats
 */
public record ExpiryResult(
    List<RefreshResult> refreshes,
    Optional<MassExpiryResult> massExpiry,
    Optional<EvictionResult> eviction,
    List<String> problems) {

  /** Whether every call was answered, and rightly. */
  public boolean isValid() {
    return problems.isEmpty();
  }
}
