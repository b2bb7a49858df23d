package io.howdah.bench.measure;

import java.util.List;

/** One store that is driven in one way. */
public interface Contestant {

  /** Who this is. */
  Profile profile();

  /** Whether a workload tells anything here. */
  default boolean plays(String workload) {
    return true;
  }

  /** Connects for a case, with as many connections as this way of driving uses for its threads. */
  Session open(Case measured) throws Exception;

  /** The connections of one case. */
  interface Session extends AutoCloseable {

    /**
     * Fresh loops for one round, one for each thread.
     *
     * @param round seeds the random choices: in one round every contestant meets the same ones
     */
    List<CallLoop> loops(int round);

    /**
     * Called after each round, unmeasured: does what the round has left to be done in the
     * background, where it would disturb whoever plays next.
     */
    default void settle() throws Exception {}

    @Override
    void close() throws Exception;
  }
}
