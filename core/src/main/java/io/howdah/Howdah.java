package io.howdah;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.howdah.cache.CacheCalls;
import io.howdah.cache.CacheSettings;
import io.howdah.cache.CacheStore;
import io.howdah.cache.Caches;
import io.howdah.cache.ComputedCache;
import io.howdah.channel.ChannelHub;
import io.howdah.channel.Channels;
import io.howdah.config.Config;
import io.howdah.config.ConfigStore;
import io.howdah.engine.Engine;
import io.howdah.engine.EngineMetrics;
import io.howdah.engine.EngineSettings;
import io.howdah.engine.LaneDataSource;
import io.howdah.engine.Listener;
import io.howdah.engine.SqlErrors;
import io.howdah.engine.WipeWatch;
import io.howdah.flag.FlagStore;
import io.howdah.flag.Flags;
import io.howdah.job.JobQueue;
import io.howdah.job.JobStore;
import io.howdah.job.Jobs;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.KvCalls;
import io.howdah.kv.KvLimits;
import io.howdah.kv.NamespaceLevels;
import io.howdah.kv.Namespaces;
import io.howdah.lock.Locks;
import io.howdah.lock.Renewals;
import io.howdah.preference.PreferenceCalls;
import io.howdah.preference.PreferenceShape;
import io.howdah.preference.Preferences;
import io.howdah.ratelimit.Denials;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.howdah.schema.Migrator;
import io.howdah.schema.SchemaMode;
import io.howdah.session.SessionStore;
import io.howdah.session.Sessions;
import io.howdah.stats.EngineFigures;
import io.howdah.stats.Health;
import io.howdah.stats.NearStats;
import io.howdah.stats.Stats;
import io.howdah.stats.StatsReader;
import io.howdah.sweep.Marks;
import io.howdah.sweep.SweepOperation;
import io.howdah.sweep.SweepReport;
import io.howdah.sweep.Sweeper;
import io.howdah.token.Tokens;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

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
public final class Howdah implements AutoCloseable {
  /** The namespace where none is named. */
  public static final String DEFAULT_NAMESPACE = "default";

  private final Engine engine;
  private final NamespaceLevels levels;
  private final Marks marks;
  private final CacheStore caches;
  private final Denials denials = new Denials();
  private final Renewals renewals;
  private final SessionStore sessions;
  private final FlagStore flags;
  private final PreferenceShape preferences;
  private final Map<String, ConfigStore> configs = new ConcurrentHashMap<>();
  private final Executor executor;
  private final JobStore jobs;
  private final @Nullable Sweeper sweeper;
  private final WipeWatch wipes;
  private final Listener listener;
  private final ChannelHub channelHub;
  private final KvCalls kvCalls;
  private final CacheCalls cacheCalls;
  private final PreferenceCalls preferenceCalls;
  private final StatsReader stats;
  private final DataSource applicationDataSource;
  private final ObjectMapper mapper;
  private final int valueLimit;
  private final @Nullable String ownPoolUrl;
  private final ReentrantLock poolLock = new ReentrantLock();
  private @Nullable HikariDataSource ownPool;

  private Howdah(Builder builder) {
    DataSource lanes = LaneDataSource.unwrap(builder.dataSource);
    String schema = Migrator.checkName(builder.schema);
    Migrator migrator = new Migrator(lanes, schema);
    if (!builder.lazy) {
      migrator.apply(builder.schemaMode);
    }
    this.levels = new NamespaceLevels();
    EngineSettings settings =
        new EngineSettings(
            schema, builder.lanes, builder.callTimeout, builder.lockTimeout, 256, 4 << 20);
    EngineFigures figures = new EngineFigures(builder.metrics);
    this.wipes =
        new WipeWatch(schema, builder.wipeCheckInterval, builder.executor, figures::statements);
    this.engine =
        new Engine(
            settings,
            lanes,
            levels,
            figures,
            builder.executor,
            wipes::opened,
            builder.lazy ? () -> migrator.apply(builder.schemaMode) : null);
    levels.attach(engine);
    this.marks = new Marks("kv_mark", levels::evicts);
    marks.attach(engine);
    this.renewals = new Renewals("howdah-" + schema + "-renewals");
    wipes.listenWhileInUse(denials::wiped);
    wipes.attach(engine);
    this.listener =
        new Listener(
            schema,
            builder.listenUrl == null ? lanes : dataSource("listenUrl", builder.listenUrl),
            builder.listen,
            builder.pollInterval,
            engine,
            wipes::lookSoon);
    this.kvCalls = new KvCalls(engine, listener, wipes);
    this.cacheCalls = new CacheCalls(engine, listener, wipes);
    this.preferenceCalls = new PreferenceCalls(engine, listener, wipes);
    this.caches =
        new CacheStore(engine, cacheCalls, renewals, builder.executor, builder.valueLimit);
    this.channelHub = new ChannelHub(engine, listener, builder.pollInterval, builder.executor);
    this.flags =
        new FlagStore(
            engine,
            listener,
            "howdah-" + schema + "-flags",
            builder.flagPollInterval,
            builder.executor);
    this.jobs =
        new JobStore(
            listener,
            renewals,
            work -> transaction(tx -> work.accept(tx, tx.caller())),
            "howdah-" + schema,
            process());
    this.stats = new StatsReader(engine, figures, wipes, listener, this::nearStats, flags::trouble);
    this.applicationDataSource = builder.dataSource;
    this.ownPoolUrl = builder.url;
    this.mapper = builder.mapper;
    this.valueLimit = builder.valueLimit;
    this.sessions = new SessionStore(builder.mapper, channelHub);
    this.preferences = new PreferenceShape(builder.mapper);
    this.executor = builder.executor;
    this.sweeper =
        builder.sweeper
            ? new Sweeper(engine, "howdah-" + schema + "-sweeper", builder.sweepListener)
            : null;
    if (sweeper != null) {
      sweeper.start();
    }
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

  private static PGSimpleDataSource dataSource(String argument, String jdbcUrl) {
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
   * The keys and values of a namespace, as JSON made by Jackson; bytes when the class is {@code
   * byte[]}.
   */
  public <V> KeyValueStore<V> kv(String namespace, Class<V> type) {
    return kv(namespace, codec(type));
  }

  /** The keys and values of a namespace, of a generic type, as JSON made by Jackson. */
  public <V> KeyValueStore<V> kv(String namespace, TypeRef<V> type) {
    return kv(namespace, codec(type.type()));
  }

  /** The keys and values of a namespace, by a codec of your own. */
  public <V> KeyValueStore<V> kv(String namespace, Codec<V> codec) {
    return new KeyValueStore<>(namespace, codec, valueLimit, marks, kvCalls);
  }

  /** The keys and values of the namespace {@value #DEFAULT_NAMESPACE}. */
  public <V> KeyValueStore<V> kv(Class<V> type) {
    return kv(DEFAULT_NAMESPACE, type);
  }

  /** Registers, moves, empties and lists namespaces. */
  public Namespaces namespaces() {
    return new Namespaces(engine, kvCalls, levels::refresh);
  }

  /**
   * A cache of computed values, as JSON made by Jackson; bytes when the class is {@code byte[]}.
   *
   * @param name 1 to 64 bytes
   */
  public <V> ComputedCache<V> cache(String name, Class<V> type) {
    return cache(name, type, CacheSettings.defaults());
  }

  /** {@link #cache(String, Class)} with settings. */
  public <V> ComputedCache<V> cache(String name, Class<V> type, CacheSettings settings) {
    return cache(name, this.<V>codec(type), settings);
  }

  /** {@link #cache(String, Class, CacheSettings)} of a generic type. */
  public <V> ComputedCache<V> cache(String name, TypeRef<V> type, CacheSettings settings) {
    return cache(name, this.<V>codec(type.type()), settings);
  }

  /** {@link #cache(String, Class, CacheSettings)} by a codec of your own. */
  public <V> ComputedCache<V> cache(String name, Codec<V> codec, CacheSettings settings) {
    return caches.open(name, codec, settings, cacheCalls);
  }

  /** Bounds of caches, and their sizes. */
  public Caches caches() {
    return new Caches(cacheCalls);
  }

  /** The sessions of users. */
  public Sessions sessions() {
    return sessions.on(engine);
  }

  /** One-time tokens. */
  public Tokens tokens() {
    return new Tokens(mapper, engine);
  }

  /** Feature flags. */
  public Flags flags() {
    return new Flags(flags, mapper, engine, flags::seeChange);
  }

  /** Channels: messages for whoever listens, and for whoever comes later. */
  public Channels channels() {
    return new Channels(engine, channelHub);
  }

  /** Preferences of users, and the layers below them. */
  public Preferences preferences() {
    return new Preferences(preferences, preferenceCalls);
  }

  /**
   * The configuration values of a namespace.
   *
   * @param namespace 1 to 64 bytes; its first change registers it, as a durable one that notifies
   */
  public Config config(String namespace) {
    ConfigStore store = configStore(namespace);
    return new Config(store, engine, store::seeChange);
  }

  /** Jobs of every queue: to look at them, end them, have them run again. */
  public Jobs jobs() {
    return new Jobs(engine);
  }

  /** A queue of jobs with any payload that Jackson makes JSON of: to enqueue. */
  public JobQueue<Object> jobs(String queue) {
    return jobs(queue, Object.class);
  }

  /**
   * A queue of jobs whose payload is JSON made by Jackson.
   *
   * @param queue 1 to 128 bytes
   */
  public <T> JobQueue<T> jobs(String queue, Class<T> type) {
    return jobs(queue, this.<T>codec(type));
  }

  /** {@link #jobs(String, Class)} of a generic type. */
  public <T> JobQueue<T> jobs(String queue, TypeRef<T> type) {
    return jobs(queue, this.<T>codec(type.type()));
  }

  /** {@link #jobs(String, Class)} by a codec of your own, which makes JSON. */
  public <T> JobQueue<T> jobs(String queue, Codec<T> codec) {
    return new JobQueue<>(queue, codec, engine, jobs);
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
    return new RateLimiter(name, limits, engine, denials);
  }

  /** Locks, held in the name of this process: its id and the name of its machine. */
  public Locks locks() {
    return locks(process());
  }

  /**
   * Locks, held in another name.
   *
   * @param owner who holds them, for people to read: 1 to 1,024 bytes
   */
  public Locks locks(String owner) {
    return new Locks(owner, engine, renewals);
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
    return SweepOperation.sweep(engine);
  }

  /**
   * Tells {@code listener}, on the executor, each time Postgres has lost its unlogged tables, until
   * the subscription is closed. Each Howdah tells it once a wipe, within about a second, whoever
   * found it first; what it throws is logged. docs/durability.md says when it may take longer.
   */
  @CanIgnoreReturnValue
  public Subscription onWipe(Consumer<Wipe> listener) {
    return wipes.listen(listener);
  }

  /**
   * How the tables and the engine are doing: one statement, which reads Postgres's own statistics
   * and takes some milliseconds.
   *
   * @throws HowdahException when Postgres does not answer
   */
  public Stats stats() {
    return stats.stats();
  }

  /**
   * Whether Postgres answers within the timeout of a call, and what is not as it should be. As
   * expensive as {@link #stats}; it does not throw.
   */
  public Health health() {
    return stats.health();
  }

  /**
   * The same workloads on a connection of yours: inside its transaction, with its settings, and
   * undone when you roll back. An expected refusal does not end the transaction; an error does, as
   * any error in Postgres.
   */
  public Transaction on(Connection connection) {
    return new Transaction(this, connection);
  }

  /**
   * Runs {@code work} in one transaction on a connection of the application's data source, and
   * commits.
   *
   * @throws HowdahException when the transaction fails; what {@code work} throws, after a rollback
   */
  public void transaction(Consumer<Transaction> work) {
    Boolean done =
        transactionReturning(tx -> {
          work.accept(tx);
          return true;
        });
    assert done;
  }

  /** {@link #transaction} with a result. */
  public <R> R transactionReturning(Function<Transaction, R> work) {
    try (Connection connection = transactions().getConnection()) {
      connection.setAutoCommit(false);
      Transaction transaction = on(connection);
      R result;
      try {
        result = work.apply(transaction);
        connection.commit();
      } catch (SQLException | RuntimeException | Error e) {
        rollback(connection, e);
        throw e;
      } finally {
        transaction.ended();
      }
      connection.setAutoCommit(true);
      transaction.committed();
      return result;
    } catch (SQLException e) {
      throw SqlErrors.translate(e, true);
    }
  }

  private static void rollback(Connection connection, Throwable cause) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private static String process() {
    return ProcessHandle.current().pid() + "@" + machine();
  }

  private static String machine() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  Engine engine() {
    return engine;
  }

  NamespaceLevels levels() {
    return levels;
  }

  KvCalls kvCalls() {
    return kvCalls;
  }

  CacheCalls cacheCalls() {
    return cacheCalls;
  }

  PreferenceCalls preferenceCalls() {
    return preferenceCalls;
  }

  private List<NearStats> nearStats() {
    List<NearStats> all = new ArrayList<>(kvCalls.nearCaches().stats());
    all.addAll(cacheCalls.nearCaches().stats());
    all.addAll(preferenceCalls.nearCaches().stats());
    return all;
  }

  Marks marks() {
    return marks;
  }

  ObjectMapper mapper() {
    return mapper;
  }

  SessionStore sessionStore() {
    return sessions;
  }

  CacheStore cacheStore() {
    return caches;
  }

  ChannelHub channelHub() {
    return channelHub;
  }

  JobStore jobStore() {
    return jobs;
  }

  FlagStore flagStore() {
    return flags;
  }

  ConfigStore configStore(String namespace) {
    ConfigStore known = configs.get(namespace);
    return known != null
        ? known
        : configs.computeIfAbsent(
            namespace, name -> new ConfigStore(name, mapper, engine, listener, executor));
  }

  PreferenceShape preferenceShape() {
    return preferences;
  }

  int valueLimit() {
    return valueLimit;
  }

  @SuppressWarnings("unchecked") // byte[] is the one type whose codec is not Jackson's
  <V> Codec<V> codec(Type type) {
    return type == byte[].class ? (Codec<V>) Codec.bytes() : Codec.json(mapper, type);
  }

  /**
   * The application's pool; for one that was opened by a URL, a small pool of its own, made at the
   * first use.
   */
  private DataSource transactions() {
    if (engine.isClosed()) {
      throw new HowdahException(ErrorCode.CLOSED, "this Howdah is closed");
    }
    if (ownPoolUrl == null) {
      return applicationDataSource;
    }
    poolLock.lock();
    try {
      HikariDataSource pool = ownPool;
      if (pool == null) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("howdah-transactions");
        config.setDataSource(applicationDataSource);
        config.setMinimumIdle(0);
        pool = new HikariDataSource(config);
        ownPool = pool;
      }
      return pool;
    } finally {
      poolLock.unlock();
    }
  }

  /**
   * Closes its workers, each with its grace, and ends its connections. Calls that wait fail with
   * {@link ErrorCode#CLOSED}, those that were sent end first.
   */
  @Override
  public void close() {
    if (sweeper != null) {
      sweeper.close();
    }
    jobs.close();
    flags.close();
    kvCalls.nearCaches().close();
    cacheCalls.nearCaches().close();
    preferenceCalls.nearCaches().close();
    channelHub.close();
    configs.values().forEach(ConfigStore::close);
    listener.close();
    wipes.close();
    renewals.close();
    engine.close();
    poolLock.lock();
    try {
      if (ownPool != null) {
        ownPool.close();
      }
    } finally {
      poolLock.unlock();
    }
  }

  /** How a {@link Howdah} is opened. Each option says its default. */
  public static final class Builder {
    private final DataSource dataSource;
    private final @Nullable String url;
    private String schema = "howdah";
    private SchemaMode schemaMode = SchemaMode.MIGRATE;
    private boolean lazy = false;
    private int lanes = 8;
    private Duration callTimeout = Duration.ofSeconds(5);
    private Duration lockTimeout = Duration.ofMillis(50);
    private int valueLimit = KvLimits.VALUE_BYTES;
    private ObjectMapper mapper = JsonMapper.builder().build();
    private Duration wipeCheckInterval = Duration.ofSeconds(1);
    private Duration flagPollInterval = Duration.ofSeconds(1);
    private EngineMetrics metrics = EngineMetrics.NONE;
    private Executor executor = ForkJoinPool.commonPool();
    private boolean sweeper = true;
    private Consumer<SweepReport> sweepListener = report -> {};
    private boolean listen = true;
    private @Nullable String listenUrl;
    private Duration pollInterval = Duration.ofSeconds(1);

    private Builder(DataSource dataSource, @Nullable String url) {
      this.dataSource = dataSource;
      this.url = url;
    }

    /**
     * The schema of its tables and functions: 1 to 48 of a-z, 0-9 and _. Default: {@code howdah}.
     */
    public Builder schema(String schema) {
      this.schema = schema;
      return this;
    }

    /** What is done about the schema at the opening. Default: {@link SchemaMode#MIGRATE}. */
    public Builder schemaMode(SchemaMode mode) {
      this.schemaMode = mode;
      return this;
    }

    /**
     * Whether it opens without the database, which may be away then. What {@link #schemaMode} says
     * is done when the database is first reached, which is tried at once; until it is done, every
     * call fails with what {@link #open} would have thrown. Default: false.
     */
    public Builder lazy(boolean lazy) {
      this.lazy = lazy;
      return this;
    }

    /** How many connections of its own it may open, 1 to 32. Default: 8. */
    public Builder lanes(int lanes) {
      if (lanes < 1 || lanes > 32) {
        throw new InvalidArgumentException("lanes", "lanes: 1 to 32 expected, got " + lanes);
      }
      this.lanes = lanes;
      return this;
    }

    /** The deadline of a call, 10 ms to 10 minutes. Default: 5 s. */
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
    public Builder lockTimeout(Duration timeout) {
      this.lockTimeout =
          within("lockTimeout", timeout, Duration.ofMillis(1), Duration.ofSeconds(10));
      return this;
    }

    /**
     * The largest encoded value, 1 byte to 256 MiB. Default: 16 MiB, which is the database's own
     * limit too.
     */
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
    public Builder flagPollInterval(Duration interval) {
      this.flagPollInterval =
          within("flagPollInterval", interval, Duration.ofMillis(100), Duration.ofHours(1));
      return this;
    }

    /** Makes JSON of values, and values of JSON. Default: Jackson's. */
    public Builder objectMapper(ObjectMapper mapper) {
      this.mapper = mapper;
      return this;
    }

    /** Told about every statement. Default: nobody. */
    public Builder metrics(EngineMetrics metrics) {
      this.metrics = metrics;
      return this;
    }

    /**
     * Completes the stages of asynchronous calls, and runs listeners. Default: {@link
     * ForkJoinPool#commonPool}.
     */
    public Builder executor(Executor executor) {
      this.executor = executor;
      return this;
    }

    /**
     * Whether it sweeps in the background: removes dead rows, and keeps namespaces within their
     * bounds. Of all processes one does so at a time. Off where pg_cron calls {@code sweep_all}.
     * Default: true.
     */
    public Builder sweeper(boolean sweeper) {
      this.sweeper = sweeper;
      return this;
    }

    /**
     * Told about each batch in which this process's sweeper looked at anything, on its thread.
     * Default: nobody.
     */
    public Builder sweepListener(Consumer<SweepReport> listener) {
      this.sweepListener = listener;
      return this;
    }

    /**
     * Whether it listens to what Postgres notifies, over one connection of its own, which is opened
     * when something needs it: a near cache, a subscriber. Otherwise that looks for changes once in
     * each {@link #pollInterval}. Default: true.
     */
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
    public Builder pollInterval(Duration interval) {
      this.pollInterval =
          within("pollInterval", interval, Duration.ofMillis(100), Duration.ofMinutes(1));
      return this;
    }

    /**
     * Opens it.
     *
     * @throws HowdahException as {@link Howdah#open}
     */
    public Howdah open() {
      return new Howdah(this);
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
