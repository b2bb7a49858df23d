package io.howdah.engine;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What has to be done once before the database is used. It is tried until it has worked. */
final class FirstUse {
  /** Asks for nothing: whoever gets its answer knows that the database can be used. */
  static final Operation<String, Boolean> ANY =
      new Operation<>() {
        @Override
        public String name() {
          return "first_use";
        }

        @Override
        public boolean isWrite() {
          return false;
        }

        @Override
        public boolean isQuery() {
          return true;
        }

        @Override
        public String sql() {
          return "SELECT true";
        }

        @Override
        public void bind(String args, SqlArguments to) {}

        @Override
        public Boolean read(String args, SqlRows rows) throws SQLException {
          return rows.next();
        }
      };

  private final @Nullable Runnable work;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean done;

  /** Of nothing there is nothing to do. */
  FirstUse(@Nullable Runnable work) {
    this.work = work;
    this.done = work == null;
  }

  boolean isDone() {
    return done;
  }

  /** Does it, unless it has been done; why it could not be, if so. For the lanes' threads. */
  @Nullable HowdahException attempt() {
    if (work == null || done) {
      return null;
    }
    lock.lock();
    try {
      if (!done) {
        work.run();
        done = true;
      }
      return null;
    } catch (HowdahException e) {
      return e;
    } catch (RuntimeException e) {
      return new HowdahException(ErrorCode.DATABASE, String.valueOf(e.getMessage()), e);
    } finally {
      lock.unlock();
    }
  }
}
