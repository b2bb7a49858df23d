package io.howdah.job;

import io.howdah.Transaction;
import io.howdah.engine.Caller;
import io.howdah.engine.Engine;
import io.howdah.engine.Listener;
import io.howdah.lock.Renewals;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** The workers of this process, and what they share. */
public final class JobStore implements AutoCloseable {
  /** Runs work in a transaction of the application's. */
  public interface Transactions {
    /**
     * Commits, or rolls back when {@code work} throws; inside a transaction of the caller's that is
     * left to its end.
     *
     * @param rolledBack is run when it is known that nothing of it has happened
     */
    void run(BiConsumer<Transaction, Caller> work, Runnable rolledBack);
  }

  private final Listener listener;
  private final Renewals renewals;
  private final Transactions transactions;
  private final String threadPrefix;
  private final Supplier<String> process;
  private final Queue<Worker> workers = new ConcurrentLinkedQueue<>();

  /**
   * Starts nothing.
   *
   * @param listener tells of jobs, where it can
   * @param renewals its thread renews leases
   * @param threadPrefix what the names of threads begin with
   * @param process the name of workers that have none
   */
  public JobStore(
      Listener listener,
      Renewals renewals,
      Transactions transactions,
      String threadPrefix,
      Supplier<String> process) {
    this.listener = listener;
    this.renewals = renewals;
    this.transactions = transactions;
    this.threadPrefix = threadPrefix;
    this.process = process;
  }

  Transactions transactions() {
    return transactions;
  }

  Renewals renewals() {
    return renewals;
  }

  <T> Worker start(
      JobShape<T> shape, JobHandler<T> handler, WorkerSettings settings, Engine engine) {
    String name = settings.name() == null ? process.get() : settings.name();
    Worker worker =
        new Worker(
            new Desk<>(shape, handler, settings, engine, this),
            name,
            threadPrefix + "-jobs-" + shape.queue());
    workers.add(worker);
    worker.start(listener);
    return worker;
  }

  void ended(Worker worker) {
    var unused = workers.remove(worker);
  }

  /** Closes the workers, one after the other, each with its grace. */
  @Override
  public void close() {
    workers.forEach(Worker::stopTaking);
    workers.forEach(Worker::close);
  }
}
