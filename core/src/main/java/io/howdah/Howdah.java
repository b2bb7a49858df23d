package io.howdah;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.config.ConfigStore;
import io.howdah.engine.EngineMetrics;
import io.howdah.kv.KvLimits;
import io.howdah.lock.Locks;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.howdah.schema.SchemaMode;
import io.howdah.stats.Health;
import io.howdah.stats.Stats;
import io.howdah.sweep.SweepOperation;
import io.howdah.sweep.SweepReport;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.ObjectMapper;

/**
 * The entry: hands out the workloads on one schema of one Postgres database. Thread-safe; make one
 * and keep it.
 *
 * <pre>{@code
 * try (Howdah howdah = Howdah.open("jdbc:postgresql://localhost/app")) {
 *   KeyValueStore<Cart> carts = howdah.kv("carts", Cart.class);
 *   carts.set("c1", cart, Duration.ofMinutes(30));
 *   Optional<Cart> found = carts.get("c1");
 * }
 * }</pre>
 *
 * <p>Calls run on a few connections of its own, each in its own transaction, and share statements
 * when many threads call at once. To call inside a transaction of yours, use {@link #on} or {@link
 * #transaction}.
 */
public final class Howdah extends Workloads implements AutoCloseable {
  /** The namespace where none is named. */
  public static final String DEFAULT_NAMESPACE = "default";

  private final Outside outside;

  private Howdah(Machinery machinery) {
    super(machinery, machinery.joining());
    this.outside = new Outside(machinery);
  }

  /**
   * Opens the database at a JDBC URL, with the defaults of {@link Builder}.
   *
   * @throws HowdahException with {@link ErrorCode#UNAVAILABLE} when it cannot be reached, {@link
   *     ErrorCode#SCHEMA} or {@link ErrorCode#FORBIDDEN} when the schema cannot be made
   */
  public static Howdah open(String jdbcUrl) {
    return builder(jdbcUrl).open();
  }

  /** Builds one on the database at a JDBC URL. */
  public static Builder builder(String jdbcUrl) {
    return new Builder(dataSource("jdbcUrl", jdbcUrl), jdbcUrl);
  }

  static PGSimpleDataSource dataSource(String argument, String jdbcUrl) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    try {
      dataSource.setUrl(jdbcUrl);
    } catch (IllegalArgumentException e) {
      throw new InvalidArgumentException(
          argument,
          argument + ": one like jdbc:postgresql://host:5432/database?user=... expected",
          e);
    }
    return dataSource;
  }

  /**
   * Builds one on the application's data source. Its connections serve {@link #transaction} only:
   * the engine opens its own ones with the settings of that data source, and takes none from its
   * pool.
   */
  public static Builder builder(DataSource dataSource) {
    return new Builder(dataSource, null);
  }

  /**
   * Limits how often something may be done, by key. Several limits are all or none, and have one
   * period each: ten a second and a thousand a day.
   *
   * @param name of the limiter, 1 to 512 bytes; with ":" and the key it is the key in SQL, and of
   *     several limits the period follows ({@code api:42:PT1S})
   * @throws InvalidArgumentException when the name or the limits are not fit
   */
  public RateLimiter rateLimiter(String name, RateLimit limit, RateLimit... more) {
    List<RateLimit> limits = new ArrayList<>();
    limits.add(limit);
    limits.addAll(List.of(more));
    return new RateLimiter(name, limits, machinery().engine(), machinery().denials());
  }

  /** Locks, held in the name of this process: its id and the name of its machine. */
  public Locks locks() {
    return locks(Machinery.process());
  }

  /**
   * Locks, held in another name.
   *
   * @param owner who holds them, for people to read: 1 to 1,024 bytes
   */
  public Locks locks(String owner) {
    return new Locks(owner, machinery().engine(), machinery().renewals());
  }

  /**
   * Sweeps one batch now: removes dead rows, and evicts where a namespace is too large. The first
   * call begins a turn over all tables, the next ones go on with it. The sweeper that runs in the
   * background ({@link Builder#sweeper}) makes this unnecessary.
   *
   * @return what was done; {@link SweepReport#isDone} when the turn is complete
   * @throws HowdahException when the database cannot be reached, or the call fails
   */
  @CanIgnoreReturnValue
  public SweepReport sweep() {
    return SweepOperation.sweep(machinery().engine());
  }

  /**
   * Tells {@code listener}, on the executor, each time Postgres has lost its unlogged tables, until
   * the subscription is closed. Each Howdah tells it once a wipe, within about a second, whoever
   * found it first; what it throws is logged. docs/durability.md says when it may take longer.
   */
  @CanIgnoreReturnValue
  public Subscription onWipe(Consumer<Wipe> listener) {
    return machinery().wipes().listen(listener);
  }

  /**
   * How the tables and the engine are doing: one statement, which reads Postgres's own statistics
   * and takes some milliseconds.
   *
   * @throws HowdahException when Postgres does not answer
   */
  public Stats stats() {
    return machinery().stats().stats();
  }

  /**
   * Whether Postgres answers within the timeout of a call, and what is not as it should be. As
   * expensive as {@link #stats}; it does not throw.
   */
  public Health health() {
    return machinery().stats().health();
  }

  /**
   * The same workloads on a connection of yours: inside its transaction, with its settings, and
   * undone when you roll back. An expected refusal does not end the transaction; an error does, as
   * any error in Postgres.
   */
  public Transaction on(Connection connection) {
    return machinery().on(connection);
  }

  /**
   * Runs {@code work} in one transaction on a connection of the application's data source, and
   * commits.
   *
   * @throws HowdahException when the transaction fails; what {@code work} throws, after a rollback
   */
  public void transaction(Consumer<Transaction> work) {
    machinery().transaction(work);
  }

  /** {@link #transaction} with a result. */
  public <R> R transactionReturning(Function<Transaction, R> work) {
    return machinery().transactionReturning(work);
  }

  /** The schema of its tables and functions. */
  public String schema() {
    return machinery().engine().settings().schema();
  }

  /**
   * The same workloads, never in a transaction of the caller's: for what has to be there, or seen,
   * whatever becomes of that. Without {@link Builder#transactions} that is what this object does.
   */
  public Workloads outside() {
    return outside;
  }

  @Override
  void flagsChanged() {
    changedBy().flagsChanged();
  }

  @Override
  void configChanged(ConfigStore store) {
    changedBy().configChanged(store);
  }

  private Workloads changedBy() {
    Transaction current = machinery().current();
    return current == null ? outside : current;
  }

  /**
   * Waits until what {@link Builder#schemaMode} says has been done, for a Howdah that was opened
   * lazily, whose calls wait no longer than {@link Builder#callTimeout} for it. So an application
   * can start other things meanwhile, and still not start without its database. It may be called at
   * any time and by several threads; returns at once where it has been done.
   *
   * @throws HowdahException what {@link Builder#open} would have thrown
   */
  public void awaitOpen() {
    machinery().engine().prepare();
  }

  /**
   * Closes its workers, each with its grace, and ends its connections. Calls that wait fail with
   * {@link ErrorCode#CLOSED}, those that were sent end first.
   */
  @Override
  public void close() {
    machinery().close();
  }

  /** How a {@link Howdah} is opened. Each option says its default. */
  public static final class Builder {
    final DataSource dataSource;
    final @Nullable String url;
    String schema = "howdah";
    SchemaMode schemaMode = SchemaMode.MIGRATE;
    boolean lazy = false;
    int lanes = 8;
    int pooledLanes = 4;
    Duration callTimeout = Duration.ofSeconds(5);
    Duration lockTimeout = Duration.ofMillis(50);
    int valueLimit = KvLimits.VALUE_BYTES;
    @Nullable ObjectMapper mapper;
    Duration wipeCheckInterval = Duration.ofSeconds(1);
    Duration flagPollInterval = Duration.ofSeconds(1);
    EngineMetrics metrics = EngineMetrics.NONE;
    Executor executor = ForkJoinPool.commonPool();
    boolean sweeper = true;
    Consumer<SweepReport> sweepListener = report -> {};
    boolean listen = true;
    @Nullable String listenUrl;
    Duration pollInterval = Duration.ofSeconds(1);
    @Nullable ManagedTransactions transactions;

    private Builder(DataSource dataSource, @Nullable String url) {
      this.dataSource = dataSource;
      this.url = url;
    }

    /**
     * The schema of its tables and functions: 1 to 48 of a-z, 0-9 and _. Default: {@code howdah}.
     */
    @CanIgnoreReturnValue
    public Builder schema(String schema) {
      this.schema = schema;
      return this;
    }

    /** What is done about the schema at the opening. Default: {@link SchemaMode#MIGRATE}. */
    @CanIgnoreReturnValue
    public Builder schemaMode(SchemaMode mode) {
      this.schemaMode = mode;
      return this;
    }

    /**
     * Whether it opens without the database, which may be away then. What {@link #schemaMode} says
     * is done when the database is first reached, which is tried at once; until it is done, every
     * call fails with what {@link #open} would have thrown. {@link Howdah#awaitOpen} waits for it.
     * Default: false.
     */
    @CanIgnoreReturnValue
    public Builder lazy(boolean lazy) {
      this.lazy = lazy;
      return this;
    }

    /**
     * How many connections of its own it may open, 1 to 32. Default: 8; behind a transaction pooler
     * 4, since a statement costs more there, and fewer lanes send larger ones.
     */
    @CanIgnoreReturnValue
    public Builder lanes(int lanes) {
      if (lanes < 1 || lanes > 32) {
        throw new InvalidArgumentException("lanes", "lanes: 1 to 32 expected, got " + lanes);
      }
      this.lanes = lanes;
      this.pooledLanes = lanes;
      return this;
    }

    /** The deadline of a call, 10 ms to 10 minutes. Default: 5 s. */
    @CanIgnoreReturnValue
    public Builder callTimeout(Duration timeout) {
      this.callTimeout =
          within("callTimeout", timeout, Duration.ofMillis(10), Duration.ofMinutes(10));
      return this;
    }

    /**
     * How long a statement of the engine waits for a row that a transaction outside holds, 1 ms to
     * 10 s. Then the calls on such rows are set aside, to wait for their row until their own
     * deadline, and the others go on. Default: 50 ms.
     */
    @CanIgnoreReturnValue
    public Builder lockTimeout(Duration timeout) {
      this.lockTimeout =
          within("lockTimeout", timeout, Duration.ofMillis(1), Duration.ofSeconds(10));
      return this;
    }

    /**
     * The largest encoded value, 1 byte to 256 MiB. Default: 16 MiB, which is the database's own
     * limit too.
     */
    @CanIgnoreReturnValue
    public Builder maxValueBytes(int bytes) {
      if (bytes < 1 || bytes > 256 << 20) {
        throw new InvalidArgumentException(
            "maxValueBytes", "maxValueBytes: 1 to 268435456 expected, got " + bytes);
      }
      this.valueLimit = bytes;
      return this;
    }

    /**
     * How often it looks whether Postgres has lost its unlogged tables, 100 ms to 1 minute; also on
     * each new connection, and not while this Howdah is idle and nobody listens. Default: 1 s.
     */
    @CanIgnoreReturnValue
    public Builder wipeCheckInterval(Duration interval) {
      this.wipeCheckInterval =
          within("wipeCheckInterval", interval, Duration.ofMillis(100), Duration.ofMinutes(1));
      return this;
    }

    /**
     * How often it asks whether a feature flag has changed, 100 ms to 1 hour; from the first use of
     * flags on. While it hears of changes ({@link #listen}) it asks in every tenth interval only.
     * Default: 1 s.
     */
    @CanIgnoreReturnValue
    public Builder flagPollInterval(Duration interval) {
      this.flagPollInterval =
          within("flagPollInterval", interval, Duration.ofMillis(100), Duration.ofHours(1));
      return this;
    }

    /** Makes JSON of values, and values of JSON. Default: Jackson's. */
    @CanIgnoreReturnValue
    public Builder objectMapper(ObjectMapper mapper) {
      this.mapper = mapper;
      return this;
    }

    /** Told about every statement. Default: nobody. */
    @CanIgnoreReturnValue
    public Builder metrics(EngineMetrics metrics) {
      this.metrics = metrics;
      return this;
    }

    /**
     * Completes the stages of asynchronous calls, and runs listeners. Default: {@link
     * ForkJoinPool#commonPool}.
     */
    @CanIgnoreReturnValue
    public Builder executor(Executor executor) {
      this.executor = executor;
      return this;
    }

    /**
     * Whether it sweeps in the background: removes dead rows, and keeps namespaces within their
     * bounds. Of all processes one does so at a time. Off where pg_cron calls {@code sweep_all}.
     * Default: true.
     */
    @CanIgnoreReturnValue
    public Builder sweeper(boolean sweeper) {
      this.sweeper = sweeper;
      return this;
    }

    /**
     * Told about each batch in which this process's sweeper looked at anything, on its thread.
     * Default: nobody.
     */
    @CanIgnoreReturnValue
    public Builder sweepListener(Consumer<SweepReport> listener) {
      this.sweepListener = listener;
      return this;
    }

    /**
     * Whether it listens to what Postgres notifies, over one connection of its own, which is opened
     * when something needs it: a near cache, a subscriber. Otherwise that looks for changes once in
     * each {@link #pollInterval}. Default: true.
     */
    @CanIgnoreReturnValue
    public Builder listen(boolean listen) {
      this.listen = listen;
      return this;
    }

    /**
     * Where it listens: a JDBC URL that leads to the same database without a transaction pooler in
     * between. Needed where the lanes go through one: it passes no notifications on. Default: as
     * the lanes.
     *
     * @throws InvalidArgumentException when the URL is none
     */
    @CanIgnoreReturnValue
    public Builder listenUrl(String jdbcUrl) {
      var unused = dataSource("listenUrl", jdbcUrl);
      this.listenUrl = jdbcUrl;
      return this;
    }

    /**
     * How often what wants to hear of changes looks for them where nothing can be heard, 100 ms to
     * 1 minute. Where something can, the connection is tried as often, and is not trusted any more
     * after three times as long without an answer. Default: 1 s.
     */
    @CanIgnoreReturnValue
    public Builder pollInterval(Duration interval) {
      this.pollInterval =
          within("pollInterval", interval, Duration.ofMillis(100), Duration.ofMinutes(1));
      return this;
    }

    /**
     * Joins the transactions that somebody else manages: calls of the {@link Howdah} are then part
     * of the transaction that their thread is in, as those of {@link Howdah#on} are, and {@link
     * Howdah#transaction} runs in it. Rate limits and locks stay outside, because a rollback would
     * give the hit back or undo the lock; so does {@link Howdah#outside}. Default: nobody's.
     */
    @CanIgnoreReturnValue
    public Builder transactions(ManagedTransactions transactions) {
      this.transactions = transactions;
      return this;
    }

    /**
     * Opens it.
     *
     * @throws HowdahException as {@link Howdah#open}
     */
    public Howdah open() {
      return new Howdah(new Machinery(this));
    }

    private static Duration within(String argument, Duration value, Duration least, Duration most) {
      if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
        throw new InvalidArgumentException(
            argument, argument + ": " + least + " to " + most + " expected, got " + value);
      }
      return value;
    }
  }
}
