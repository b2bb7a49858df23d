package io.howdah.kv;

import static io.howdah.kv.KvOperation.key;

import io.howdah.Durability;
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

/**
 * Every call on one key: the SQL function that it is, and how calls of its kind share a statement.
 */
final class KvOperations {
  /** About how much an answer may bring; a larger value comes alone. */
  private static final int ANSWER_BYTES = 4 << 20;

  private static final String QUICK_GET =
      "SELECT q.value, q.bytes FROM ${schema}._${table}_quick_get(?, ?) AS q";

  static final KvOperation<@Nullable Stored> GET =
      KvOperation.query(
          "kv_get",
          "SELECT ${schema}.kv_get(?, ?), NULL::bytea",
          QUICK_GET,
          KvOperations::readValue,
          new GetBatch());

  static final KvOperation<@Nullable Stored> GET_BYTES =
      KvOperation.query(
          "kv_get_bytes",
          "SELECT NULL::text, ${schema}.kv_get_bytes(?, ?)",
          QUICK_GET,
          KvOperations::readValue,
          new GetBatch());

  static final KvOperation<@Nullable StoredEntry> GET_ENTRY =
      KvOperation.query(
          "kv_get_entry",
          "SELECT e.value, e.bytes, e.version, e.expires_at, e.created_at, e.updated_at,"
              + " (extract(epoch FROM e.expires_at - statement_timestamp()) * 1000000)::bigint"
              + " FROM ${schema}.kv_get_entry(?, ?) AS e",
          null,
          StoredEntry::read,
          null);

  static final KvOperation<Boolean> EXISTS =
      KvOperation.read("kv_exists", "${schema}.kv_exists(?, ?)", rows -> rows.bool(1));

  static final KvOperation<@Nullable Long> TTL =
      KvOperation.read(
          "kv_ttl",
          "(extract(epoch FROM ${schema}.kv_ttl(?, ?)) * 1000000)::bigint",
          rows -> rows.int8OrNull(1));

  static final KvOperation<@Nullable Long> SET =
      KvOperation.write(
          "kv_set",
          "${schema}._kv_set(?, ?, ?::jsonb, ?, ?::interval)",
          "${schema}._kv_ephemeral_set(?, ?, ?::jsonb, ?, ?::interval, false)",
          KvOperations::bindValue,
          rows -> rows.int8OrNull(1),
          new SetBatch());

  static final KvOperation<@Nullable Long> SET_IF_ABSENT =
      KvOperation.write(
          "kv_set_if_absent",
          "${schema}._kv_set_if_absent(?, ?, ?::jsonb, ?, ?::interval)",
          "${schema}._kv_ephemeral_set_if_absent(?, ?, ?::jsonb, ?, ?::interval, false)",
          KvOperations::bindValue,
          rows -> rows.int8OrNull(1),
          new SetIfAbsentBatch());

  /** Without a number whatever version there is, with one only that. */
  static final KvOperation<@Nullable Long> REPLACE = replace(false);

  /** The same; the value keeps its end. */
  static final KvOperation<@Nullable Long> REPLACE_AND_KEEP_END = replace(true);

  private static KvOperation<@Nullable Long> replace(boolean keepsEnd) {
    return KvOperation.write(
        "kv_replace",
        "${schema}._kv_replace(?, ?, ?, ?::jsonb, ?, ?::interval, ?)",
        (args, to) ->
            key(args, to)
                .int8(args.number())
                .text(args.json())
                .bytes(args.bytes())
                .interval(args.ttlMicros())
                .bool(keepsEnd),
        rows -> rows.int8OrNull(1),
        new ReplaceBatch(keepsEnd));
  }

  static final KvOperation<@Nullable Stored> EXCHANGE =
      KvOperation.write(
          "kv_exchange",
          "${schema}.kv_exchange(?, ?, ?::jsonb, ?::interval)",
          (args, to) -> key(args, to).text(args.json()).interval(args.ttlMicros()),
          rows -> json(rows.text(1)),
          null);

  static final KvOperation<@Nullable Stored> EXCHANGE_BYTES =
      KvOperation.write(
          "kv_exchange_bytes",
          "${schema}.kv_exchange_bytes(?, ?, ?, ?::interval)",
          (args, to) -> key(args, to).bytes(args.bytes()).interval(args.ttlMicros()),
          rows -> bytes(rows.bytes(1)),
          null);

  static final KvOperation<@Nullable Stored> TAKE =
      KvOperation.write(
          "kv_take",
          "${schema}.kv_take(?, ?)",
          (args, to) -> key(args, to),
          rows -> json(rows.text(1)),
          null);

  static final KvOperation<@Nullable Stored> TAKE_BYTES =
      KvOperation.write(
          "kv_take_bytes",
          "${schema}.kv_take_bytes(?, ?)",
          (args, to) -> key(args, to),
          rows -> bytes(rows.bytes(1)),
          null);

  static final KvOperation<Boolean> DELETE =
      KvOperation.write(
          "kv_delete",
          "(${schema}._kv_delete(?, ?, ?)).deleted",
          (args, to) -> key(args, to).int8(args.number()),
          rows -> rows.bool(1),
          new DeleteBatch());

  /** A live value keeps its end. */
  static final KvOperation<Long> INCREMENT =
      KvOperation.write(
          "kv_increment",
          "${schema}._kv_increment(?, ?, ?, NULL)",
          "${schema}._kv_ephemeral_increment(?, ?, ?, NULL, false, false)",
          (args, to) -> key(args, to).int8(args.number()),
          rows -> rows.int8(1),
          new IncrementBatch(false));

  /** A live value gets a new end. */
  static final KvOperation<Long> INCREMENT_AND_EXPIRE =
      KvOperation.write(
          "kv_increment",
          "${schema}._kv_increment(?, ?, ?, ?::interval)",
          "${schema}._kv_ephemeral_increment(?, ?, ?, ?::interval, true, false)",
          (args, to) -> key(args, to).int8(args.number()).interval(args.ttlMicros()),
          rows -> rows.int8(1),
          new IncrementBatch(true));

  static final KvOperation<Boolean> EXPIRE =
      KvOperation.write(
          "kv_expire",
          "${schema}.kv_expire(?, ?, ?::interval)",
          (args, to) -> key(args, to).interval(args.ttlMicros()),
          rows -> rows.bool(1),
          new ExpireBatch());

  static final KvOperation<Boolean> PERSIST =
      KvOperation.write(
          "kv_persist",
          "${schema}.kv_persist(?, ?)",
          (args, to) -> key(args, to),
          rows -> rows.bool(1),
          null);

  static final KvOperation<@Nullable Stored> PATCH =
      KvOperation.write(
          "kv_patch",
          "${schema}.kv_patch(?, ?, ?::jsonb)",
          (args, to) -> key(args, to).text(args.json()),
          rows -> json(rows.text(1)),
          null);

  private KvOperations() {}

  private static void bindValue(KvArguments args, SqlArguments to) throws SQLException {
    key(args, to).text(args.json()).bytes(args.bytes()).interval(args.ttlMicros());
  }

  private static @Nullable Stored readValue(SqlRows rows) throws SQLException {
    if (!rows.next()) {
      return null;
    }
    String json = rows.text(1);
    byte[] bytes = json == null ? rows.bytes(2) : null;
    return json == null && bytes == null ? null : new Stored(json, bytes, 0);
  }

  private static @Nullable Stored json(@Nullable String json) {
    return json == null ? null : new Stored(json, null, 0);
  }

  private static @Nullable Stored bytes(byte @Nullable [] bytes) {
    return bytes == null ? null : new Stored(null, bytes, 0);
  }

  /** Reads of one key are one read. */
  private static final class GetBatch extends KvBatch<@Nullable Stored> {
    GetBatch() {
      super("SELECT * FROM ${schema}._${table}_quick_batch_get(?, ?, ?, ?)");
    }

    @Override
    public String sql(Durability level) {
      return super.sql(level).replace("${table}", KvTables.of(level));
    }

    @Override
    public KvArguments merge(KvArguments earlier, KvArguments later) {
      return earlier;
    }

    /** Names and keys as two texts, joined by a character that none of them contains. */
    @Override
    public void bind(List<KvArguments> calls, SqlArguments to) throws SQLException {
      String separator = separator(calls);
      StringBuilder namespaces = new StringBuilder(calls.size() * 16);
      StringBuilder keys = new StringBuilder(calls.size() * 24);
      for (int i = 0; i < calls.size(); i++) {
        KvKey key = calls.get(i).key();
        if (i > 0) {
          namespaces.append(separator);
          keys.append(separator);
        }
        namespaces.append(key.namespace());
        keys.append(key.key());
      }
      to.text(namespaces.toString())
          .text(keys.toString())
          .text(separator)
          .int4(ANSWER_BYTES / calls.size());
    }

    /** There is one: a statement has fewer characters in all its keys than Unicode has. */
    private static String separator(List<KvArguments> calls) {
      for (int candidate = 1; ; candidate++) {
        String separator = Character.toString(candidate);
        boolean free =
            !Character.isBmpCodePoint(candidate) || !Character.isSurrogate((char) candidate);
        for (int i = 0; free && i < calls.size(); i++) {
          KvKey key = calls.get(i).key();
          free = !key.key().contains(separator) && !key.namespace().contains(separator);
        }
        if (free) {
          return separator;
        }
      }
    }

    @Override
    public void read(List<KvArguments> calls, SqlRows rows, Answers<@Nullable Stored> answers)
        throws SQLException {
      boolean[] present = new boolean[calls.size()];
      while (rows.next()) {
        int position = (int) rows.int8(1) - 1;
        present[position] = true;
        String json = rows.text(2);
        byte[] bytes = json == null ? rows.bytes(3) : null;
        if (json != null || bytes != null) {
          answers.byPosition(position, new Stored(json, bytes, rows.int8(4)));
        }
      }
      for (int i = 0; i < present.length; i++) {
        if (!present[i]) {
          answers.byPosition(i, null);
        }
      }
    }

    @Override
    public @Nullable String busySql() {
      return null;
    }
  }

  /**
   * Writes that answer with a version, none when refused. A row without a version is a new key in a
   * full namespace: such a call is made again, singly, and gets its error.
   */
  private abstract static class VersionBatch extends KvBatch<@Nullable Long> {
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
  private static final class SetBatch extends KvBatch<@Nullable Long> {
    SetBatch() {
      super("SELECT * FROM ${schema}.kv_batch_set(?, ?, ?, ?, ?, ?, ?, ?)");
    }

    @Override
    public String quickSql() {
      return "SELECT * FROM ${schema}._kv_ephemeral_batch_set(?, ?, ?, ?, ?, ?, false)";
    }

    @Override
    public KvArguments merge(KvArguments earlier, KvArguments later) {
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
  private static final class SetIfAbsentBatch extends VersionBatch {
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
  private static final class ReplaceBatch extends VersionBatch {
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
  private static final class DeleteBatch extends KvBatch<Boolean> {
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
  private static final class IncrementBatch extends KvBatch<Long> {
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
      return small ? new KvArguments(later.key(), null, null, later.ttlMicros(), a + b) : null;
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
  private static final class ExpireBatch extends KvBatch<Boolean> {
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
