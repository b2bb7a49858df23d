package io.howdah;

import java.sql.Connection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of an application whose framework manages them. With it, a {@link Howdah} joins
 * the transaction that the calling thread is in: {@link Howdah.Builder#transactions}.
 *
 * <p>{@code join} makes the {@link Transaction} of a connection. There must be one for a
 * transaction of the framework's, for all its calls, and {@link Transaction#ended} be called at its
 * end.
 */
public interface ManagedTransactions {
  /**
   * The transaction that the calling thread is in, on the database of the {@link Howdah}; null when
   * it is in none. Asked at each call, so it has to be quick.
   */
  @Nullable Transaction current(Function<Connection, Transaction> join);

  /**
   * Runs work in the transaction that the calling thread is in, or else in a new one, which is
   * committed after it, and rolled back when it throws.
   */
  <R> R run(Function<Connection, Transaction> join, Function<Transaction, R> work);
}
