package io.howdah;

import io.howdah.config.ConfigStore;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The workloads inside a transaction of the caller's, on its connection. What is written here is
 * seen by others when the transaction commits, and undone when it rolls back: a message is
 * delivered, and a job is there, when it commits; a change to a namespace keeps writers to it out
 * until then. Feature flags and configuration values are changed in it, but questions are answered
 * from what this process knows, as elsewhere. As thread-safe as the connection: not at all.
 */
public final class Transaction extends Workloads {
  private final Connection connection;
  private boolean flagsChanged;
  private final Set<ConfigStore> configsChanged = new LinkedHashSet<>();
  private final List<Runnable> onRollback = new ArrayList<>();

  Transaction(Machinery machinery, Connection connection) {
    super(machinery, machinery.outside().joined(connection, machinery.engine()));
    this.connection = connection;
  }

  /** The connection, for SQL of your own in the same transaction. */
  public Connection connection() {
    return connection;
  }

  /**
   * Says that the transaction has ended. Then what this process keeps of values, flags and
   * configuration follows what was changed here at once, and not when it hears of it as others do.
   * {@link Howdah#transaction} does so by itself.
   *
   * @param committed whether it has been committed; true also when that is not known
   */
  public void ended(boolean committed) {
    calls().ended();
    if (committed) {
      if (flagsChanged) {
        machinery().flags().seeChange();
      }
      configsChanged.forEach(ConfigStore::seeChange);
    } else {
      onRollback.forEach(Runnable::run);
    }
  }

  /** Has {@code action} run when it {@link #ended} and is not committed. */
  void onRollback(Runnable action) {
    onRollback.add(action);
  }

  @Override
  void flagsChanged() {
    flagsChanged = true;
  }

  @Override
  void configChanged(ConfigStore store) {
    configsChanged.add(store);
  }
}
