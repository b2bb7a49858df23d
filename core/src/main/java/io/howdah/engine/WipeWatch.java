package io.howdah.engine;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Subscription;
import io.howdah.Wipe;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out when Postgres has lost its unlogged tables, and says so once for each wipe: in the log,
 * and to everybody who listens.
 *
 * <p>It remembers the epoch that it last saw, and looks again on every new connection, and once in
 * each interval while the process uses the database or anybody listens; so it does not matter who
 * found the wipe first. An idle process without listeners does not look: nobody would hear it. It
 * looks when it goes on.
 */
public final class WipeWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WipeWatch.class);

  private static final String SQL =
      "SELECT c.epoch, c.began_at, c.wipes, array_to_string(c.gone, ','), c.is_new"
          + " FROM ${schema}.wipe_check() AS c";

  private static final Operation<String, @Nullable Sight> CHECK =
      new Operation<>() {
        @Override
        public String name() {
          return "wipe_check";
        }

        // It may be asked again when the connection broke: it compares before it repairs.
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
          return SQL;
        }

        @Override
        public void bind(String args, SqlArguments to) {}

        @Override
        public @Nullable Sight read(String args, SqlRows rows) throws SQLException {
          return Sight.read(rows);
        }
      };

  /**
   * What a look sees.
   *
   * @param wipe the one that began the present epoch; its count is 0 when there was none yet
   * @param isNew whether this very look found it
   */
  private record Sight(Wipe wipe, boolean isNew) {
    /** Null on a standby: it has no unlogged tables to lose. */
    static @Nullable Sight read(SqlRows rows) throws SQLException {
      if (!rows.next() || rows.text(1) == null) {
        return null;
      }
      String gone = Objects.requireNonNullElse(rows.text(4), "");
      return new Sight(
          new Wipe(
              UUID.fromString(rows.text(1)),
              Objects.requireNonNull(rows.instant(2)),
              rows.int8(3),
              gone.isEmpty() ? List.of() : List.of(gone.split(","))),
          rows.bool(5));
    }
  }

  private final String schema;
  private final Duration interval;
  private final Executor executor;
  private final LongSupplier statements;
  private final List<Consumer<Wipe>> atOnce = new CopyOnWriteArrayList<>();
  private final List<Consumer<Wipe>> listeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<Wipe>> patient = new CopyOnWriteArrayList<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicReference<@Nullable Wipe> seen = new AtomicReference<>();
  private volatile @Nullable UUID announced;
  private final AtomicLong wipes = new AtomicLong();

  private volatile @Nullable Engine engine;
  private volatile @Nullable Thread thread;
  private volatile boolean wanted;
  private volatile boolean closed;
  private volatile @Nullable String trouble;

  /**
   * Watches once it is attached.
   *
   * @param interval how often it looks
   * @param executor runs the listeners
   * @param statements how many statements the process has sent: while that grows, it is in use
   */
  public WipeWatch(String schema, Duration interval, Executor executor, LongSupplier statements) {
    this.schema = schema;
    this.interval = interval;
    this.executor = executor;
    this.statements = statements;
  }

  /** Begins to watch, over the engine's lanes. */
  public void attach(Engine engine) {
    this.engine = engine;
    Thread watcher = new Thread(this::watch, "howdah-" + schema + "-wipes");
    watcher.setDaemon(true);
    thread = watcher;
    watcher.start();
  }

  /**
   * Tells {@code listener} about each wipe, on the executor. What it throws is logged, and does not
   * keep others from hearing it.
   */
  public Subscription listen(Consumer<Wipe> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /**
   * For near caches and limiters: {@code listener} runs on the thread that found the wipe, before
   * any connection that was opened since is used. It must be quick.
   */
  public Subscription listenAtOnce(Consumer<Wipe> listener) {
    atOnce.add(listener);
    return () -> atOnce.remove(listener);
  }

  /**
   * As {@link #listenAtOnce}, for who can wait until the process goes on: it is no reason to look
   * while it is idle.
   */
  public void listenWhileInUse(Consumer<Wipe> listener) {
    patient.add(listener);
  }

  /** How many wipes were announced. */
  public long wipes() {
    return wipes.get();
  }

  /** Why wipes cannot be found now, if so. */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Looks soon, on its own thread: a connection was opened, or a listener has reconnected. */
  public void lookSoon() {
    wanted = true;
    LockSupport.unpark(thread);
  }

  /**
   * Looks now, on a connection that was just opened and not used yet. So nothing is read over it
   * before a wipe is known. Trouble is left for the first statement to meet.
   */
  public void opened(Connection connection) {
    Wipe before = seen.get();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(SQL.replace("${schema}", schema))) {
      judge(before, Sight.read(new SqlRows(rows, 0)));
      trouble = null;
    } catch (SQLException e) {
      failed(SqlErrors.translate(e, false));
    }
  }

  /** Looks now, over the engine's lanes. What it finds has been announced when it returns. */
  public void lookNow() {
    look();
  }

  private void watch() {
    long statementsSeen = -1;
    while (!closed) {
      if (wanted
          || !listeners.isEmpty()
          || !atOnce.isEmpty()
          || statements.getAsLong() != statementsSeen) {
        wanted = false;
        look();
        // After the look, so that its own statement is no reason for the next one.
        statementsSeen = statements.getAsLong();
      }
      if (!wanted && !closed) {
        LockSupport.parkNanos(this, interval.toNanos());
      }
    }
  }

  private void look() {
    Engine over = engine;
    if (over == null) {
      return;
    }
    Wipe before = seen.get();
    try {
      judge(before, over.call(CHECK, ""));
      trouble = null;
    } catch (HowdahException e) {
      failed(e);
    } catch (RuntimeException e) {
      LOG.error("looking for wipes of the schema {}", schema, e);
    }
  }

  private void failed(HowdahException e) {
    if (closed) {
      return;
    }
    boolean stays = e.code() == ErrorCode.SCHEMA || e.code() == ErrorCode.FORBIDDEN;
    if (stays && trouble == null) {
      LOG.warn("wipes of the schema {} cannot be found: {}", schema, e.getMessage());
    } else {
      LOG.debug("no look for wipes of the schema {}", schema, e);
    }
    trouble = Objects.requireNonNullElse(e.getMessage(), e.code().name());
  }

  /**
   * Announces what is new.
   *
   * @param before what was known before the look: an answer that took long may be older than what
   *     another look has seen meanwhile
   */
  private void judge(@Nullable Wipe before, @Nullable Sight sight) {
    if (sight == null) {
      return;
    }
    Wipe now = sight.wipe();
    boolean changed = before == null ? sight.isNew() : !before.epoch().equals(now.epoch());
    lock.lock();
    try {
      boolean overtaken = !seen.compareAndSet(before, before == null || changed ? now : before);
      if (!changed || now.epoch().equals(announced)) {
        return;
      }
      if (overtaken && !sight.isNew()) {
        // Older or newer than what another look has seen: the next one decides.
        lookSoon();
        return;
      }
      announced = now.epoch();
      wipes.incrementAndGet();
      announce(before, now);
    } finally {
      lock.unlock();
    }
  }

  private void announce(@Nullable Wipe before, Wipe wipe) {
    patient.forEach(listener -> tell(listener, wipe));
    atOnce.forEach(listener -> tell(listener, wipe));
    LOG.warn(
        "Postgres has emptied its unlogged tables, after a crash, a failover or a restore. What the schema {} had in {}"
            + " is gone, all ephemeral values among it, but for what was written since. Found at {}, wipe {}, epoch {},"
            + " before that {}",
        schema,
        wipe.tables(),
        wipe.foundAt(),
        wipe.count(),
        wipe.epoch(),
        before == null ? "unknown" : before.epoch());
    for (Consumer<Wipe> listener : listeners) {
      try {
        executor.execute(() -> tell(listener, wipe));
      } catch (RejectedExecutionException e) {
        LOG.error("a listener was not told of a wipe: the executor takes no more work", e);
      }
    }
  }

  private static void tell(Consumer<Wipe> listener, Wipe wipe) {
    try {
      listener.accept(wipe);
    } catch (RuntimeException e) {
      LOG.error("a listener for wipes failed", e);
    }
  }

  /** Stops looking. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
