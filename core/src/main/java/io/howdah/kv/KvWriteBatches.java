package io.howdah.kv;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How writes of one kind share a statement. */
final class KvWriteBatches {
  private KvWriteBatches() {}

  /**
   * Writes that answer with a version, none when refused. A row without a version is a new key in a
   * full namespace: such a call is made again, singly, and gets its error.
   */
  abstract static class VersionBatch extends KvBatch<@Nullable Long> {
    VersionBatch(String sql) {
      super(sql);
    }

    @Override
    public void read(List<KvArguments> calls, SqlRows rows, Answers<@Nullable Long> answers)
        throws SQLException {
      Set<Object> open = null;
      while (rows.next()) {
        Object key = keyOf(rows);
        Long version = rows.int8OrNull(3);
        if (version != null) {
          answers.byKey(key, version);
        } else if (open == null) {
          // These rows come first.
          open = new HashSet<>();
          for (KvArguments call : calls) {
            open.add(key(call));
          }
        }
        if (open != null) {
          open.remove(key);
        }
      }
      if (open == null) {
        answers.others(null);
      } else {
        open.forEach(key -> answers.byKey(key, null));
      }
    }
  }

  /** The most calls that one value of the statement stands for. */
  private static int mostMerged(List<KvArguments> calls) {
    int most = 1;
    for (KvArguments call : calls) {
      most = Math.max(most, call.merged());
    }
    return most;
  }

  /**
   * The version of a value that was overwritten in the same statement: below that of the value that
   * stayed, which leaves so much room that no other value has, or will have, a version between.
   */
  private static @Nullable Long overwritten(
      List<KvArguments> merged, int position, @Nullable Long last) {
    return last == null ? null : Long.valueOf(last - (merged.size() - 1 - position));
  }

  /** The last one is written; all have happened, in their order. */
  static final class SetBatch extends KvBatch<@Nullable Long> {
    SetBatch() {
      super("SELECT * FROM ${schema}.kv_batch_set(?, ?, ?, ?, ?, ?, ?, ?)");
    }

    @Override
    public String quickSql() {
      return "SELECT * FROM ${schema}._kv_ephemeral_batch_set(?, ?, ?, ?, ?, ?, false)";
    }

    @Override
    public @Nullable KvArguments merge(KvArguments earlier, KvArguments later) {
      return later.insteadOf(earlier);
    }

    @Override
    public void bind(List<KvArguments> calls, SqlArguments to) throws SQLException {
      values(calls, keys(calls, to));
      ttls(calls, to);
      to.int4(mostMerged(calls));
    }

    /**
     * All are written, and the versions come in the order of the keys; none for a new key in a full
     * namespace, whose call is made again, singly, and gets its error.
     */
    @Override
    public void read(List<KvArguments> calls, SqlRows rows, Answers<@Nullable Long> answers)
        throws SQLException {
      Integer[] order = new Integer[calls.size()];
      Arrays.setAll(order, Integer::valueOf);
      Arrays.sort(order, Comparator.comparing(position -> calls.get(position).key()));
      for (Integer position : order) {
        if (!rows.next()) {
          throw new HowdahException(ErrorCode.DATABASE, "kv_batch_set: fewer versions than keys");
        }
        Long version = rows.int8OrNull(1);
        if (version != null) {
          answers.byPosition(position, version);
        }
      }
    }

    @Override
    public @Nullable Long share(List<KvArguments> merged, int position, @Nullable Long answer) {
      return overwritten(merged, position, answer);
    }
  }

  /** The first one is tried; the others find what it left, or what it found. */
  static final class SetIfAbsentBatch extends VersionBatch {
    SetIfAbsentBatch() {
      super("SELECT * FROM ${schema}.kv_batch_set_if_absent(?, ?, ?, ?, ?, ?, ?)");
    }

    @Override
    public KvArguments merge(KvArguments earlier, KvArguments later) {
      return earlier;
    }

    @Override
    public void bind(List<KvArguments> calls, SqlArguments to) throws SQLException {
      values(calls, keys(calls, to));
      ttls(calls, to);
    }

    @Override
    public @Nullable Long share(List<KvArguments> merged, int position, @Nullable Long answer) {
      return position == 0 ? answer : null;
    }
  }

  /**
   * Those without an expected version are like sets; one with it needs to see the version that the
   * one before it made.
   */
  static final class ReplaceBatch extends VersionBatch {
    private final boolean keepsEnd;

    ReplaceBatch(boolean keepsEnd) {
      super("SELECT * FROM ${schema}.kv_batch_replace(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
      this.keepsEnd = keepsEnd;
    }

    @Override
    public @Nullable KvArguments merge(KvArguments earlier, KvArguments later) {
      return earlier.number() == null && later.number() == null ? later.insteadOf(earlier) : null;
    }

    @Override
    public void bind(List<KvArguments> calls, SqlArguments to) throws SQLException {
      values(calls, keys(calls, to));
      ttls(calls, to);
      numbers(calls, to);
      to.bool(keepsEnd).int4(mostMerged(calls));
    }

    @Override
    public @Nullable Long share(List<KvArguments> merged, int position, @Nullable Long answer) {
      return overwritten(merged, position, answer);
    }
  }

  /** The first one deletes; the others find nothing. */
  static final class DeleteBatch extends KvBatch<Boolean> {
    DeleteBatch() {
      super("SELECT d.namespace, d.key FROM ${schema}.kv_batch_delete(?, ?, ?, ?, ?) AS d");
    }

    @Override
    public @Nullable KvArguments merge(KvArguments earlier, KvArguments later) {
      return earlier.number() == null && later.number() == null ? earlier : null;
    }

    @Override
    public void bind(List<KvArguments> calls, SqlArguments to) throws SQLException {
      numbers(calls, keys(calls, to));
    }

    @Override
    public void read(List<KvArguments> calls, SqlRows rows, Answers<Boolean> answers)
        throws SQLException {
      while (rows.next()) {
        answers.byKey(keyOf(rows), true);
      }
      answers.others(false);
    }

    @Override
    public Boolean share(List<KvArguments> merged, int position, Boolean answer) {
      return position == 0 && answer;
    }
  }

  /**
   * Summed; each gets the sum up to its own addition. What is no integer gets no answer here, and
   * its error singly.
   */
  static final class IncrementBatch extends KvBatch<Long> {
    private final boolean replacesEnd;

    IncrementBatch(boolean replacesEnd) {
      super("SELECT * FROM ${schema}.kv_batch_increment(?, ?, ?, ?, ?, ?, ?)");
      this.replacesEnd = replacesEnd;
    }

    @Override
    public @Nullable KvArguments merge(KvArguments earlier, KvArguments later) {
      long a = delta(earlier);
      long b = delta(later);
      // So no sum on the way leaves the range: the SQL takes values up to 2^62, and a statement has
      // at most 2^10 calls.
      boolean small =
          Math.abs(a) < 1L << 61
              && Math.abs(b) < 1L << 51
              && a != Long.MIN_VALUE
              && b != Long.MIN_VALUE;
      return small ? new KvArguments(later.key(), null, later.ttlMicros(), a + b) : null;
    }

    private static long delta(KvArguments args) {
      return Objects.requireNonNull(args.number());
    }

    @Override
    public void bind(List<KvArguments> calls, SqlArguments to) throws SQLException {
      numbers(calls, keys(calls, to));
      ttls(calls, to);
      to.bool(replacesEnd);
    }

    @Override
    public void read(List<KvArguments> calls, SqlRows rows, Answers<Long> answers)
        throws SQLException {
      while (rows.next()) {
        answers.byKey(keyOf(rows), rows.int8(3));
      }
    }

    @Override
    public Long share(List<KvArguments> merged, int position, Long answer) {
      long sum = answer;
      for (int i = position + 1; i < merged.size(); i++) {
        sum -= delta(merged.get(i));
      }
      return sum;
    }
  }

  /** The last one stays. */
  static final class ExpireBatch extends KvBatch<Boolean> {
    ExpireBatch() {
      super("SELECT * FROM ${schema}.kv_batch_expire(?, ?, ?, ?, ?)");
    }

    @Override
    public KvArguments merge(KvArguments earlier, KvArguments later) {
      return later;
    }

    @Override
    public void bind(List<KvArguments> calls, SqlArguments to) throws SQLException {
      ttls(calls, keys(calls, to));
    }

    @Override
    public void read(List<KvArguments> calls, SqlRows rows, Answers<Boolean> answers)
        throws SQLException {
      while (rows.next()) {
        answers.byKey(keyOf(rows), true);
      }
      answers.others(false);
    }
  }
}
