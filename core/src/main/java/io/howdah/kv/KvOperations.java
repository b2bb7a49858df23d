package io.howdah.kv;

import static io.howdah.kv.KvOperation.key;

import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Every call on one key: the SQL function that it is. How calls of its kind share a statement is in
 * {@link KvReadBatch} and {@link KvWriteBatches}.
 */
final class KvOperations {
  private static final String QUICK_GET =
      "SELECT q.value, q.bytes FROM ${schema}._${table}_quick_get(?, ?) AS q";

  static final KvOperation<@Nullable Stored> GET =
      KvOperation.query(
          "kv_get",
          "SELECT ${schema}.kv_get(?, ?), NULL::bytea",
          QUICK_GET,
          KvOperations::readValue,
          KvReadBatch.VALUES);

  static final KvOperation<@Nullable Stored> GET_BYTES =
      KvOperation.query(
          "kv_get_bytes",
          "SELECT NULL::text, ${schema}.kv_get_bytes(?, ?)",
          QUICK_GET,
          KvOperations::readValue,
          KvReadBatch.VALUES);

  static final KvOperation<@Nullable Stored> GET_EITHER =
      KvOperation.query(
          "kv_get",
          "SELECT e.value, e.bytes FROM ${schema}.kv_get_entry(?, ?) AS e",
          QUICK_GET,
          KvOperations::readValue,
          KvReadBatch.VALUES);

  static final KvOperation<@Nullable StoredEntry> GET_ENTRY =
      KvOperation.query(
          "kv_get_entry",
          "SELECT " + StoredEntry.COLUMNS + " FROM ${schema}.kv_get_entry(?, ?) AS e",
          "SELECT " + StoredEntry.COLUMNS + " FROM ${schema}._${table}_quick_get_entry(?, ?) AS e",
          StoredEntry::read,
          KvReadBatch.ENTRIES);

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
          new KvWriteBatches.SetBatch());

  static final KvOperation<@Nullable Long> SET_IF_ABSENT =
      KvOperation.write(
          "kv_set_if_absent",
          "${schema}._kv_set_if_absent(?, ?, ?::jsonb, ?, ?::interval)",
          "${schema}._kv_ephemeral_set_if_absent(?, ?, ?::jsonb, ?, ?::interval, false)",
          KvOperations::bindValue,
          rows -> rows.int8OrNull(1),
          new KvWriteBatches.SetIfAbsentBatch());

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
        new KvWriteBatches.ReplaceBatch(keepsEnd));
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

  static final KvOperation<@Nullable Stored> EXCHANGE_EITHER =
      KvOperation.write(
          "kv_exchange",
          "${schema}._kv_exchange_either(?, ?, ?::jsonb, ?, ?::interval)",
          KvOperations::bindValue,
          rows -> either(rows.bytes(1)),
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

  static final KvOperation<@Nullable Stored> TAKE_EITHER =
      KvOperation.write(
          "kv_take",
          "${schema}._kv_take_either(?, ?)",
          (args, to) -> key(args, to),
          rows -> either(rows.bytes(1)),
          null);

  static final KvOperation<Boolean> DELETE =
      KvOperation.write(
          "kv_delete",
          "(${schema}._kv_delete(?, ?, ?)).deleted",
          (args, to) -> key(args, to).int8(args.number()),
          rows -> rows.bool(1),
          new KvWriteBatches.DeleteBatch());

  /** A live value keeps its end. */
  static final KvOperation<Long> INCREMENT =
      KvOperation.write(
          "kv_increment",
          "${schema}._kv_increment(?, ?, ?, NULL)",
          "${schema}._kv_ephemeral_increment(?, ?, ?, NULL, false, false)",
          (args, to) -> key(args, to).int8(args.number()),
          rows -> rows.int8(1),
          new KvWriteBatches.IncrementBatch(false));

  /** A live value gets a new end. */
  static final KvOperation<Long> INCREMENT_AND_EXPIRE =
      KvOperation.write(
          "kv_increment",
          "${schema}._kv_increment(?, ?, ?, ?::interval)",
          "${schema}._kv_ephemeral_increment(?, ?, ?, ?::interval, true, false)",
          (args, to) -> key(args, to).int8(args.number()).interval(args.ttlMicros()),
          rows -> rows.int8(1),
          new KvWriteBatches.IncrementBatch(true));

  static final KvOperation<Boolean> EXPIRE =
      KvOperation.write(
          "kv_expire",
          "${schema}.kv_expire(?, ?, ?::interval)",
          (args, to) -> key(args, to).interval(args.ttlMicros()),
          rows -> rows.bool(1),
          new KvWriteBatches.ExpireBatch());

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

  /** The first byte says what follows: j for JSON, b for bytes. */
  private static @Nullable Stored either(byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    return bytes[0] == 'j'
        ? json(new String(bytes, 1, bytes.length - 1, StandardCharsets.UTF_8))
        : bytes(Arrays.copyOfRange(bytes, 1, bytes.length));
  }
}
