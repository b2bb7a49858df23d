package io.howdah.job;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Transaction;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A job in the hands of its handler. Thread-safe.
 *
 * @param <T> the payload
 */
public final class JobContext<T> {
  private final TakenJob job;
  private final T payload;
  private final JobStore store;
  private final List<Runnable> onLost = new CopyOnWriteArrayList<>();
  private volatile boolean lost;
  private volatile boolean completed;

  JobContext(TakenJob job, T payload, JobStore store) {
    this.job = job;
    this.payload = payload;
    this.store = store;
  }

  /** What was enqueued. */
  public T payload() {
    return payload;
  }

  public long id() {
    return job.id();
  }

  /** Which attempt this is, from 1; one whose lease was lost counts. */
  public int attempt() {
    return job.attempt();
  }

  /** The rest of what is known of it. */
  public TakenJob job() {
    return job;
  }

  /**
   * Whether the job is known not to be this handler's any more: it was cancelled, or the lease
   * ended and another worker has it. What is still to do is in vain.
   */
  public boolean isLost() {
    return lost;
  }

  /** Runs {@code action} once when that becomes known, on a thread that must not be held up. */
  public void onLost(Runnable action) {
    onLost.add(action);
    if (lost && onLost.remove(action)) {
      action.run();
    }
  }

  void lose() {
    lost = true;
    for (Runnable action : List.copyOf(onLost)) {
      if (onLost.remove(action)) {
        action.run();
      }
    }
  }

  /**
   * Runs {@code work} in one transaction that also completes the job: either all of it is
   * committed, the job is completed and never runs again, or nothing of it has happened. The last
   * thing that a handler does with the job.
   *
   * <p>In a transaction that the thread is in already, where {@link
   * io.howdah.Howdah.Builder#transactions} says so, that one decides: when it is rolled back, the
   * job is not completed, and what the handler then returns or throws counts.
   *
   * @return false when the job was lost or cancelled: all is rolled back
   * @throws HowdahException when the transaction fails; what {@code work} throws, after a rollback
   */
  @CanIgnoreReturnValue
  public boolean transaction(Consumer<Transaction> work) {
    if (completed) {
      throw new HowdahException(ErrorCode.CONFLICT, "the job " + id() + " is completed already");
    }
    boolean done = false;
    try {
      store
          .transactions()
          .run(
              (tx, caller) -> {
                work.accept(tx);
                if (!caller.call(JobComplete.ONE, Jobs.held(job))) {
                  throw new LostException();
                }
                completed = true;
              },
              () -> completed = false);
      done = true;
      return true;
    } catch (LostException e) {
      lose();
      return false;
    } finally {
      if (!done) {
        // Nobody knows what became of it; if it was committed, nothing more is done to the job.
        completed = false;
      }
    }
  }

  boolean isCompleted() {
    return completed;
  }

  /** Has the transaction rolled back. */
  private static final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LostException() {
      super("the job is lost", null, false, false);
    }
  }
}
