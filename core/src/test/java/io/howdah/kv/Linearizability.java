package io.howdah.kv;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Wing and Gong's search over a history of a register, whose state is the version that it holds, 0
 * when it is absent.
 */
final class Linearizability {
  private Linearizability() {}

  /** What a call did to the register, if it was right to; NOT_POSSIBLE otherwise. */
  interface Effect {
    long NOT_POSSIBLE = -1;

    long on(long state);
  }

  record Call(String what, long began, long ended, Effect effect) {
    static Call set(long began, long ended, long version) {
      return new Call("set " + version, began, ended, state -> version);
    }

    static Call compareAndSet(long began, long ended, long expected, OptionalLong version) {
      return version.isPresent()
          ? new Call(
              "cas " + expected + " to " + version.getAsLong(),
              began,
              ended,
              s -> s == expected ? version.getAsLong() : Effect.NOT_POSSIBLE)
          : new Call(
              "failed cas " + expected,
              began,
              ended,
              s -> s == expected && expected != 0 ? Effect.NOT_POSSIBLE : s);
    }

    static Call delete(long began, boolean deleted, long ended) {
      return new Call(
          "delete " + deleted,
          began,
          ended,
          state -> (state != 0) == deleted ? 0 : Effect.NOT_POSSIBLE);
    }

    static Call read(long began, long ended, OptionalLong version) {
      return new Call(
          "read " + version,
          began,
          ended,
          state -> state == version.orElse(0) ? state : Effect.NOT_POSSIBLE);
    }

    @Override
    public String toString() {
      return what + " [" + began + ", " + ended + "]";
    }
  }

  private record Position(BitSet done, long state) {}

  static boolean holds(List<Call> calls) {
    return search(calls, new BitSet(), 0, new HashSet<>());
  }

  private static boolean search(List<Call> calls, BitSet done, long state, Set<Position> failed) {
    if (done.cardinality() == calls.size()) {
      return true;
    }
    Position position = new Position((BitSet) done.clone(), state);
    if (failed.contains(position)) {
      return false;
    }
    long firstEnd = Long.MAX_VALUE;
    List<Integer> open = new ArrayList<>();
    for (int i = done.nextClearBit(0); i < calls.size(); i = done.nextClearBit(i + 1)) {
      firstEnd = Math.min(firstEnd, calls.get(i).ended());
      open.add(i);
    }
    for (int i : open) {
      if (calls.get(i).began() > firstEnd) {
        continue;
      }
      long next = calls.get(i).effect().on(state);
      if (next != Effect.NOT_POSSIBLE) {
        done.set(i);
        if (search(calls, done, next, failed)) {
          return true;
        }
        done.clear(i);
      }
    }
    failed.add(position);
    return false;
  }
}
