package io.howdah.bucket4j;

import io.github.bucket4j.TimeMeter;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Postgres's clock, which all processes share. It is asked at the first use, and once a minute
 * while it is used, in the background; in between this process counts on.
 */
final class PostgresClock implements TimeMeter {
  private static final Logger log = LoggerFactory.getLogger(PostgresClock.class);

  private static final long FRESH_NANOS = Duration.ofMinutes(1).toNanos();
  private static final String NOW =
      "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

  /**
   * What it said.
   *
   * @param epoch in nanoseconds since 1970
   * @param at what this process's count was then
   */
  private record Seen(long epoch, long at) {}

  private final Howdah howdah;
  private final LongSupplier nanos;
  private final ReentrantLock first = new ReentrantLock();
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile @Nullable Seen seen;

  /**
   * Asks nothing yet.
   *
   * @param nanos counts on as {@link System#nanoTime} does
   */
  PostgresClock(Howdah howdah, LongSupplier nanos) {
    this.howdah = howdah;
    this.nanos = nanos;
  }

  /**
   * {@inheritDoc}
   *
   * @throws HowdahException at the first use, when the database cannot be asked
   */
  @Override
  public long currentTimeNanos() {
    Seen last = seen;
    if (last == null) {
      last = lookFirst();
    }
    long passed = nanos.getAsLong() - last.at();
    if (passed > FRESH_NANOS && looking.compareAndSet(false, true)) {
      var unused = CompletableFuture.runAsync(this::lookAgain);
    }
    return last.epoch() + passed;
  }

  private Seen lookFirst() {
    first.lock();
    try {
      Seen last = seen;
      return last == null ? look() : last;
    } finally {
      first.unlock();
    }
  }

  private void lookAgain() {
    try {
      var unused = look();
    } catch (HowdahException e) {
      log.debug("cannot ask Postgres what time it is; counting on", e);
    } finally {
      looking.set(false);
    }
  }

  private Seen look() {
    return howdah.transactionReturning(tx -> {
      long before = nanos.getAsLong();
      long epoch = ask(tx.connection());
      // in the middle of the round trip, as far as one can know
      Seen now = new Seen(epoch, before + (nanos.getAsLong() - before) / 2);
      seen = now;
      return now;
    });
  }

  private static long ask(Connection connection) {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(NOW)) {
      row.next();
      return row.getLong(1) * 1_000;
    } catch (SQLException e) {
      throw new HowdahException(ErrorCode.UNAVAILABLE, "cannot ask Postgres what time it is", e);
    }
  }

  @Override
  public boolean isWallClockBased() {
    return true;
  }
}
