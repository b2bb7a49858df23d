package io.howdah.testing;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Wing and Gong's search over a history of a register, whose state is a number that stands for what
 * it holds, 0 when it is absent: is there an order of the calls, in which one that ended before
 * another began comes first, and in which every answer is right?
 *
 * <p>A call of unknown outcome may have happened at any time after it began, or not at all.
 */
public final class Linearizability {
  private static final int MOST_POSITIONS = 2_000_000;

  /** Too many calls overlap, of too many of which the outcome is unknown. */
  public static final class UndecidedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UndecidedException(List<Call> calls) {
      super("undecided: " + calls);
    }
  }

  private Linearizability() {}

  /** What a call did to the register, if it was right to; NOT_POSSIBLE otherwise. */
  public interface Effect {
    long NOT_POSSIBLE = -1;

    long on(long state);
  }

  private enum Kind {
    ANSWERED,
    UNKNOWN,
    LOSS
  }

  /**
   * A call, or what happened to the register without one.
   *
   * @param keptUntil of a loss: it takes back no call that ended before
   */
  public record Call(
      String what, long began, long ended, Effect effect, Kind kind, long keptUntil) {
    public static Call answered(String what, long began, long ended, Effect effect) {
      return new Call(what, began, ended, effect, Kind.ANSWERED, 0);
    }

    /** One whose caller was not told whether it has happened. */
    public static Call unknown(String what, long began, Effect effect) {
      return new Call(what, began, Long.MAX_VALUE, effect, Kind.UNKNOWN, 0);
    }

    /** At some moment the register lost its last calls, any number of those that may be lost. */
    public static Call loss(long began, long ended, long keptUntil) {
      return new Call("loss", began, ended, state -> state, Kind.LOSS, keptUntil);
    }

    public static Call set(long began, long ended, long version) {
      return answered("set " + version, began, ended, state -> version);
    }

    public static Call compareAndSet(long began, long ended, long expected, OptionalLong version) {
      return version.isPresent()
          ? answered(
              "cas " + expected + " to " + version.getAsLong(),
              began,
              ended,
              s -> s == expected ? version.getAsLong() : Effect.NOT_POSSIBLE)
          : answered(
              "failed cas " + expected,
              began,
              ended,
              s -> s == expected && expected != 0 ? Effect.NOT_POSSIBLE : s);
    }

    public static Call delete(long began, boolean deleted, long ended) {
      return answered(
          "delete " + deleted,
          began,
          ended,
          state -> (state != 0) == deleted ? 0 : Effect.NOT_POSSIBLE);
    }

    public static Call read(long began, long ended, OptionalLong version) {
      return answered(
          "read " + version,
          began,
          ended,
          state -> state == version.orElse(0) ? state : Effect.NOT_POSSIBLE);
    }

    @Override
    public String toString() {
      return what + " [" + began + ", " + (kind == Kind.UNKNOWN ? "?" : ended) + "]";
    }
  }

  /** Where a search stands: what it has put in order, the state, and what a loss could bring. */
  private record Position(BitSet done, long state, Set<Long> recoverable) {}

  public static boolean holds(List<Call> calls) {
    return new Search(calls).from(0);
  }

  private static final class Search {
    private final List<Call> calls;
    private final int certain;
    private final BitSet done = new BitSet();
    private final List<Call> path = new ArrayList<>();
    private final List<Long> statesBefore = new ArrayList<>();
    private final Set<Position> failed = new HashSet<>();
    private int certainDone;

    Search(List<Call> history) {
      calls = history.stream().sorted(Comparator.comparingLong(Call::began)).toList();
      certain = (int) calls.stream().filter(call -> call.kind != Kind.UNKNOWN).count();
    }

    boolean from(long state) {
      if (certainDone == certain) {
        return true;
      }
      Set<Long> recoverable = recoverable(state);
      Position position = new Position((BitSet) done.clone(), state, recoverable);
      if (failed.contains(position)) {
        return false;
      }
      List<Integer> next = next();
      // Most calls of unknown outcome leave no trace: they are tried last.
      for (boolean unknown : new boolean[] {false, true}) {
        for (int i : next) {
          if ((calls.get(i).kind == Kind.UNKNOWN) == unknown && fromCall(i, state, recoverable)) {
            return true;
          }
        }
      }
      if (failed.size() >= MOST_POSITIONS) {
        throw new UndecidedException(calls);
      }
      failed.add(position);
      return false;
    }

    private boolean fromCall(int i, long state, Set<Long> recoverable) {
      Call call = calls.get(i);
      Set<Long> states = call.kind == Kind.LOSS ? recoverable : Set.of(call.effect.on(state));
      for (long after : states) {
        if (after == Effect.NOT_POSSIBLE) {
          continue;
        }
        int one = call.kind == Kind.UNKNOWN ? 0 : 1;
        done.set(i);
        path.add(call);
        statesBefore.add(state);
        certainDone += one;
        if (from(after)) {
          return true;
        }
        certainDone -= one;
        statesBefore.remove(statesBefore.size() - 1);
        path.remove(path.size() - 1);
        done.clear(i);
      }
      return false;
    }

    /** The calls that no call that is not in order yet has ended before. */
    private List<Integer> next() {
      List<Integer> next = new ArrayList<>();
      long firstEnd = Long.MAX_VALUE;
      for (int i = done.nextClearBit(0); i < calls.size(); i = done.nextClearBit(i + 1)) {
        if (calls.get(i).began > firstEnd) {
          break;
        }
        firstEnd = Math.min(firstEnd, calls.get(i).ended);
        next.add(i);
      }
      long limit = firstEnd;
      next.removeIf(i -> calls.get(i).began > limit);
      return next;
    }

    /** The states that the next loss could bring back if it came now; none when none is to come. */
    private Set<Long> recoverable(long state) {
      Call loss = null;
      for (int i = done.nextClearBit(0); i < calls.size() && loss == null; ) {
        loss = calls.get(i).kind == Kind.LOSS ? calls.get(i) : null;
        i = done.nextClearBit(i + 1);
      }
      if (loss == null) {
        return Set.of();
      }
      Set<Long> states = new TreeSet<>(Set.of(state));
      for (int i = path.size() - 1; i >= 0; i--) {
        // Whatever was there after a loss is safe.
        if (path.get(i).kind == Kind.LOSS || path.get(i).ended < loss.keptUntil) {
          break;
        }
        states.add(statesBefore.get(i));
      }
      return states;
    }
  }
}
