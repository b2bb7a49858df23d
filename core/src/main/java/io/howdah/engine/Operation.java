package io.howdah.engine;

import io.howdah.Durability;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One kind of call on the database: one SQL function, and how its arguments and its answer look.
 * With a {@link Batch}, how several calls of the kind go out as one statement.
 *
 * <p>SQL names the schema as <code>${schema}</code>.
 *
 * @param <A> the arguments
 * @param <R> the answer
 */
public interface Operation<A, R extends @Nullable Object> {
  /** The deadline of a long operation. */
  Duration LONG = Duration.ofMinutes(10);

  /** For metrics and messages. */
  String name();

  /** Whether it changes anything: a write is never repeated when its outcome is unknown. */
  boolean isWrite();

  /**
   * A call of one function that returns one value, as in <code>${schema}.kv_exists(?, ?)</code>; or
   * a whole query, with {@link #isQuery}.
   */
  String sql();

  /**
   * {@link #sql} where it is a transaction of the engine's own, with the same arguments and
   * columns.
   */
  default String ownSql() {
    return sql();
  }

  /**
   * Another form of {@link #ownSql} that is quicker where the {@link #level} is this; for a
   * connection that is the engine's alone and reads committed. Its answer counts unless {@link
   * #isInDoubt}.
   */
  default String quickSql(Durability level) {
    return ownSql();
  }

  /** Whether {@link #ownSql} has to be asked after {@link #quickSql} has given this answer. */
  default boolean isInDoubt(R answer) {
    return false;
  }

  /** Whether {@link #sql} is a whole query that returns rows; reads only. */
  default boolean isQuery() {
    return false;
  }

  /**
   * Whether it may take much longer than a call usually may: it has {@link #LONG} as its deadline.
   */
  default boolean isLong() {
    return false;
  }

  /**
   * Whether an interrupted thread waits for the answer all the same once the call is with the
   * database, until the deadline: because nobody else could undo what it has done.
   */
  default boolean isKept() {
    return false;
  }

  void bind(A args, SqlArguments to) throws SQLException;

  /**
   * Reads the answer. For a function call there is exactly one row, and the rows stand before it.
   */
  R read(A args, SqlRows rows) throws SQLException;

  /**
   * The namespace whose durability decides which calls may share a transaction; null for a read.
   */
  default @Nullable String namespace(A args) {
    return null;
  }

  /** The durability of what it touches, as far as is known. */
  default Durability level(A args, Levels levels) {
    String namespace = namespace(args);
    return namespace == null ? Durability.EPHEMERAL : levels.of(namespace);
  }

  /**
   * What calls have in common that must take effect in the order in which one thread made them;
   * null when nothing.
   */
  default @Nullable Object orderKey(A args) {
    return null;
  }

  /**
   * The {@link #orderKey}s that a call on several keys comes behind. Only a blocking one does:
   * there is no order among asynchronous calls of which one has several keys.
   */
  default Collection<?> orderKeys(A args) {
    return List.of();
  }

  /**
   * A query over arrays for the positions of those calls whose rows other transactions hold; null
   * when that cannot be asked.
   */
  default @Nullable String busySql() {
    return null;
  }

  default void bindBusy(List<A> calls, SqlArguments to) throws SQLException {}

  /** How calls of this kind share a statement; null when each needs its own. */
  default @Nullable Batch<A, R> batch() {
    return null;
  }
}
