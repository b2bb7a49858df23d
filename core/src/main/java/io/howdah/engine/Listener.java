package io.howdah.engine;

import io.howdah.Subscription;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what Postgres notifies: one connection of its own and one thread for the whole process,
 * both opened when the first subscriber comes. A channel is named after the schema and a kind
 * ({@code howdah.kv}); what a notification is about stands in its payload, which is a hint, and may
 * be forged by anybody with a login: the truth is in a table.
 *
 * <p>After each connect it listens first, and then has every subscriber look for itself: whatever
 * was notified before is lost to it. Where nothing can be heard, subscribers are told to look once
 * in each poll interval.
 *
 * <p>Behind a transaction pooler LISTEN succeeds, and nothing ever comes. So after each connect a
 * lane notifies it, and unless it hears that while it does nothing itself, it does not count as
 * listening.
 */
public final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /** A channel for its own use: what wakes it, and what proves that it hears. */
  private static final String PROBE = "probe";

  private static final int PROBES = 3;
  private static final Duration PROBE_WAIT = Duration.ofSeconds(2);
  private static final Duration LEAST_REPLY_WAIT = Duration.ofSeconds(2);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** For how many poll intervals silence is trusted: it pings once in each. */
  private static final int TRUST = 3;

  /** How this process hears of changes. */
  public enum State {
    /** Nobody has subscribed: there is no connection. */
    IDLE,
    /** By notifications. */
    PUSH,
    /** By looking, once in each poll interval: listening is switched off, or cannot work here. */
    POLLING,
    /** By looking, for the time being: the connection is being made, or made again. */
    DEGRADED
  }

  /** Who wants to hear. It is told on the listener's thread, and must be quick. */
  public interface Subscriber {
    /** A notification of its kind. */
    void onNotification(String payload);

    /**
     * Any number of notifications may have been missed. From now on they come, so what is read
     * after this is complete.
     */
    void onResync();

    /** Nothing can be heard now, and a poll interval has passed. */
    default void onPoll() {
      onResync();
    }
  }

  /** What a subscriber has. */
  public interface Feed extends Subscription {
    /**
     * Whether notifications come now: what was committed some moments ago has been delivered. False
     * until the first {@link Subscriber#onResync}, and again at most three poll intervals after the
     * network has fallen silent.
     *
     * @param now what {@link System#nanoTime} says
     */
    boolean isLive(long now);

    /** Whether they come now. */
    default boolean isLive() {
      return isLive(System.nanoTime());
    }
  }

  /**
   * What it has done.
   *
   * @param state how this process hears of changes now
   * @param trouble why not by notifications, where they are wanted
   * @param notifications how many came
   * @param connections how many connections it has made
   */
  public record Figures(
      State state, Optional<String> trouble, long notifications, long connections) {}

  /** A channel and a payload. */
  private record Notice(String channel, String payload) {}

  private static final Operation<Notice, Boolean> NOTIFY =
      new Operation<>() {
        @Override
        public String name() {
          return "notify";
        }

        // To notify twice does no harm.
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
          return "SELECT pg_notify(?, ?)";
        }

        @Override
        public void bind(Notice args, SqlArguments to) throws SQLException {
          to.text(args.channel()).text(args.payload());
        }

        @Override
        public Boolean read(Notice args, SqlRows rows) {
          return true;
        }
      };

  private final class Seat implements Feed {
    final String kind;
    final Subscriber subscriber;
    volatile boolean joined;

    Seat(String kind, Subscriber subscriber) {
      this.kind = kind;
      this.subscriber = subscriber;
    }

    @Override
    public boolean isLive(long now) {
      return joined && state == State.PUSH && now - heardAt <= trustNanos;
    }

    @Override
    public void close() {
      joined = false;
      seats.remove(this);
    }
  }

  private final String schema;
  private final DataSource dataSource;
  private final boolean wanted;
  private final Duration pollInterval;
  private final long trustNanos;
  private final Engine engine;
  private final Runnable connected;

  private final List<Seat> seats = new CopyOnWriteArrayList<>();
  private final ReentrantLock startLock = new ReentrantLock();
  private @Nullable Thread thread;

  private volatile State state = State.IDLE;
  private volatile @Nullable String trouble;

  /** When the last ping that was answered had been sent. */
  private volatile long heardAt;

  private volatile @Nullable Connection connection;
  private volatile boolean closed;
  private final AtomicLong notifications = new AtomicLong();
  private final AtomicLong connections = new AtomicLong();

  /** Of the listener's thread: what the present connection listens to. */
  private final Set<String> heard = new HashSet<>();

  /** Of the listener's thread. */
  private long polledAt = System.nanoTime();

  /**
   * Opens nothing yet.
   *
   * @param dataSource opens a direct connection each time
   * @param wanted false to poll only
   * @param pollInterval how often subscribers look for themselves when nothing can be heard, and
   *     how often it pings when something can
   * @param engine over whose lanes it proves that it hears
   * @param connected told on its thread after each connect
   */
  public Listener(
      String schema,
      DataSource dataSource,
      boolean wanted,
      Duration pollInterval,
      Engine engine,
      Runnable connected) {
    this.schema = schema;
    this.dataSource = LaneDataSource.withTimeouts(dataSource, engine.settings().callTimeout());
    this.wanted = wanted;
    this.pollInterval = pollInterval;
    this.trustNanos = pollInterval.toNanos() * TRUST;
    this.engine = engine;
    this.connected = connected;
  }

  /**
   * Subscribes to a kind of notifications, until the feed is closed. Returns at once; {@link
   * Subscriber#onResync} says when they come.
   *
   * @param kind what stands behind the schema in the name of the channel
   */
  public Feed subscribe(String kind, Subscriber subscriber) {
    Seat seat = new Seat(kind, subscriber);
    seats.add(seat);
    startLock.lock();
    try {
      if (thread == null && !closed) {
        state = wanted ? State.DEGRADED : State.POLLING;
        Thread listening = new Thread(this::run, "howdah-" + schema + "-listener");
        listening.setDaemon(true);
        thread = listening;
        listening.start();
        return seat;
      }
    } finally {
      startLock.unlock();
    }
    if (state == State.PUSH) {
      // It waits for notifications: here is one.
      var unused = engine.callAsync(NOTIFY, new Notice(channel(PROBE), "wake"));
    }
    return seat;
  }

  /** What it has done since it was made. */
  public Figures figures() {
    return new Figures(state, Optional.ofNullable(trouble), notifications.get(), connections.get());
  }

  private String channel(String kind) {
    return schema + "." + kind;
  }

  private void run() {
    long pause = FIRST_PAUSE.toNanos();
    while (!closed && state != State.POLLING) {
      try (Connection own = connect()) {
        if (listen(own)) {
          pause = FIRST_PAUSE.toNanos();
          hear(own);
        }
      } catch (SQLException | RuntimeException | Error e) {
        lost(e);
      } finally {
        connection = null;
        heard.clear();
        seats.forEach(seat -> seat.joined = false);
      }
      if (state != State.POLLING) {
        // Processes that lost the same server do not come back together.
        poll(pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2));
        pause = Math.min(pause * 2, LONGEST_PAUSE.toNanos());
      }
    }
    while (!closed) {
      poll(pollInterval.toNanos());
    }
  }

  private Connection connect() throws SQLException {
    Connection own = dataSource.getConnection();
    connection = own;
    try {
      if (closed) {
        throw new SQLException("closed");
      }
      connections.incrementAndGet();
      own.setAutoCommit(true);
      own.unwrap(PGConnection.class).setPrepareThreshold(0);
      Duration wait =
          pollInterval.multipliedBy(2).compareTo(LEAST_REPLY_WAIT) > 0
              ? pollInterval.multipliedBy(2)
              : LEAST_REPLY_WAIT;
      own.setNetworkTimeout(Runnable::run, (int) wait.toMillis());
      return own;
    } catch (SQLException | RuntimeException e) {
      own.close();
      throw e;
    }
  }

  /** Listens, and finds out whether anything is heard; false when nothing ever will be. */
  private boolean listen(Connection own) throws SQLException {
    listenTo(own, PROBE);
    for (Seat seat : seats) {
      listenTo(own, seat.kind);
    }
    if (hearsProbe(own)) {
      connected.run();
      long now = System.nanoTime();
      join();
      heardAt = now;
      if (trouble != null) {
        LOG.info("the schema {} is listened to again", schema);
      }
      trouble = null;
      state = State.PUSH;
      return true;
    }
    if (Connector.isDirect(own, own.unwrap(PGConnection.class))) {
      throw new SQLException("no notification came back on a direct connection");
    }
    trouble =
        "a pooler stands between this process and Postgres that passes no notifications on;"
            + " set listenUrl to a URL that leads to Postgres directly";
    LOG.warn(
        "the schema {} cannot be listened to: {}. Until then changes are looked for every {}",
        schema,
        trouble,
        pollInterval);
    state = State.POLLING;
    execute(own, "UNLISTEN *");
    return false;
  }

  private void listenTo(Connection own, String kind) throws SQLException {
    if (heard.add(kind)) {
      execute(own, "LISTEN \"" + channel(kind) + "\"");
    }
  }

  /** Whoever looks at the sessions of the server sees what this one is for. */
  private void execute(Connection own, String sql) throws SQLException {
    try (Statement statement = own.createStatement()) {
      statement.execute(sql + " /* howdah listener " + schema + " */");
    }
  }

  /**
   * Whether it hears what another connection notifies. On its own one it would hear itself through
   * a pooler too: in the answer to its own statement.
   */
  private boolean hearsProbe(Connection own) throws SQLException {
    for (int i = 0; i < PROBES; i++) {
      String nonce = UUID.randomUUID().toString();
      CompletableFuture<Boolean> sent =
          engine.callAsync(NOTIFY, new Notice(channel(PROBE), nonce)).toCompletableFuture();
      if (comes(own, nonce)) {
        return true;
      }
      if (!sent.isDone() || sent.isCompletedExceptionally()) {
        throw new SQLException("the lanes cannot notify: whether this is heard cannot be tried");
      }
    }
    return false;
  }

  private boolean comes(Connection own, String nonce) throws SQLException {
    long until = System.nanoTime() + PROBE_WAIT.toNanos();
    long left;
    while (!closed && (left = until - System.nanoTime()) > 0) {
      for (PGNotification one : await(own, left)) {
        if (one.getName().equals(channel(PROBE)) && one.getParameter().equals(nonce)) {
          return true;
        }
      }
    }
    return false;
  }

  private static PGNotification[] await(Connection own, long nanos) throws SQLException {
    int millis = (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    return own.unwrap(PGConnection.class).getNotifications(millis);
  }

  private void hear(Connection own) throws SQLException {
    while (!closed) {
      for (Seat seat : seats) {
        listenTo(own, seat.kind);
      }
      join();
      long pingAt = heardAt + pollInterval.toNanos();
      pass(await(own, pingAt - System.nanoTime()));
      if (System.nanoTime() - pingAt >= 0) {
        long sentAt = System.nanoTime();
        execute(own, "SELECT 1");
        // What came with the answer counts before the answer does.
        pass(own.unwrap(PGConnection.class).getNotifications());
        heardAt = sentAt;
      }
    }
  }

  /** Has those look for themselves whose channel is listened to only now. */
  private void join() {
    tell(
        seat -> !seat.joined && heard.contains(seat.kind),
        seat -> {
          seat.subscriber.onResync();
          seat.joined = true;
        });
  }

  private void pass(PGNotification[] came) {
    for (PGNotification one : came) {
      String channel = one.getName();
      if (!channel.equals(channel(PROBE))) {
        notifications.incrementAndGet();
      }
      tell(
          seat -> channel.equals(channel(seat.kind)),
          seat -> seat.subscriber.onNotification(one.getParameter()));
    }
  }

  private void tell(Predicate<Seat> whom, Consumer<Seat> what) {
    for (Seat seat : seats) {
      if (whom.test(seat)) {
        try {
          what.accept(seat);
        } catch (RuntimeException | Error e) {
          // The thread is everybody's: without it nobody would hear anything any more.
          LOG.error("a subscriber to {} failed", channel(seat.kind), e);
        }
      }
    }
  }

  private void lost(Throwable e) {
    if (closed) {
      return;
    }
    String why = String.valueOf(e.getMessage());
    if (trouble == null) {
      LOG.warn(
          "the schema {} is not listened to: {}. It is tried again; until then changes are looked for every {}",
          schema,
          why,
          pollInterval);
    }
    LOG.debug("not listening to the schema {}", schema, e);
    trouble = why;
    state = State.DEGRADED;
  }

  /** Waits, and has subscribers look for themselves once in each poll interval. */
  private void poll(long nanos) {
    long until = System.nanoTime() + nanos;
    while (!closed) {
      long now = System.nanoTime();
      long pollAt = polledAt + pollInterval.toNanos();
      if (now - pollAt >= 0) {
        polledAt = now;
        tell(seat -> true, seat -> seat.subscriber.onPoll());
      } else if (now - until >= 0) {
        return;
      } else {
        LockSupport.parkNanos(this, Math.min(until - now, pollAt - now));
      }
    }
  }

  /** Ends its connection and its thread. Subscribers hear nothing any more. */
  @Override
  public void close() {
    Thread listening;
    startLock.lock();
    try {
      closed = true;
      listening = thread;
    } finally {
      startLock.unlock();
    }
    state = State.IDLE;
    abort();
    if (listening == null || listening == Thread.currentThread()) {
      return;
    }
    LockSupport.unpark(listening);
    try {
      listening.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** It may be waiting for notifications, which nothing else would end. */
  private void abort() {
    Connection open = connection;
    if (open == null) {
      return;
    }
    try {
      open.abort(Runnable::run);
    } catch (SQLException e) {
      LOG.debug("the listener's connection was closed already", e);
    }
  }
}
