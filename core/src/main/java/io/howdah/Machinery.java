package io.howdah;

import io.howdah.cache.CacheCalls;
import io.howdah.cache.CacheStore;
import io.howdah.channel.ChannelHub;
import io.howdah.config.ConfigStore;
import io.howdah.engine.Engine;
import io.howdah.engine.EngineSettings;
import io.howdah.engine.LaneDataSource;
import io.howdah.engine.Listener;
import io.howdah.engine.WipeWatch;
import io.howdah.flag.FlagStore;
import io.howdah.job.JobStore;
import io.howdah.kv.KvCalls;
import io.howdah.kv.NamespaceLevels;
import io.howdah.lock.Renewals;
import io.howdah.preference.PreferenceCalls;
import io.howdah.preference.PreferenceShape;
import io.howdah.ratelimit.Denials;
import io.howdah.schema.Migrator;
import io.howdah.session.SessionStore;
import io.howdah.stats.EngineFigures;
import io.howdah.stats.NearStats;
import io.howdah.stats.StatsReader;
import io.howdah.sweep.Marks;
import io.howdah.sweep.Sweeper;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** What one Howdah is made of. */
final class Machinery implements AutoCloseable {
  /** With a host that does not answer, at the start, however little time a call has. */
  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(10);

  private final ObjectMapper mapper;
  private final int valueLimit;
  private final Executor executor;
  private final NamespaceLevels levels = new NamespaceLevels();
  private final WipeWatch wipes;
  private final Engine engine;
  private final Marks marks;
  private final Renewals renewals;
  private final Denials denials = new Denials();
  private final Listener listener;
  private final Calls calls;
  private final CacheStore caches;
  private final ChannelHub channels;
  private final FlagStore flags;
  private final JobStore jobs;
  private final SessionStore sessions;
  private final PreferenceShape preferences;
  private final Map<String, ConfigStore> configs = new ConcurrentHashMap<>();
  private final StatsReader stats;
  private final @Nullable Sweeper sweeper;
  private final OwnTransactions ownTransactions;
  private final ManagedTransactions transactions;

  Machinery(Howdah.Builder builder) {
    DataSource lanes = LaneDataSource.unwrap(builder.dataSource);
    String schema = Migrator.checkName(builder.schema);
    Duration patience =
        builder.callTimeout.compareTo(LEAST_PATIENCE) < 0 ? LEAST_PATIENCE : builder.callTimeout;
    Migrator migrator = new Migrator(LaneDataSource.withTimeouts(lanes, patience), schema);
    if (!builder.lazy) {
      migrator.apply(builder.schemaMode);
    }
    this.mapper = builder.mapper == null ? JsonMapper.shared() : builder.mapper;
    this.valueLimit = builder.valueLimit;
    this.executor = builder.executor;
    EngineSettings settings =
        new EngineSettings(
            schema,
            builder.lanes,
            builder.pooledLanes,
            builder.callTimeout,
            builder.lockTimeout,
            256,
            4 << 20);
    EngineFigures figures = new EngineFigures(builder.metrics);
    this.wipes = new WipeWatch(schema, builder.wipeCheckInterval, executor, figures::statements);
    this.engine =
        new Engine(
            settings,
            lanes,
            levels,
            figures,
            executor,
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
            builder.listenUrl == null ? lanes : Howdah.dataSource("listenUrl", builder.listenUrl),
            builder.listen,
            builder.pollInterval,
            engine,
            wipes::lookSoon);
    this.calls =
        new Calls(
            engine,
            new KvCalls(engine, listener, wipes),
            new CacheCalls(engine, listener, wipes),
            new PreferenceCalls(engine, listener, wipes));
    this.caches = new CacheStore(engine, calls.cache(), renewals, executor, valueLimit);
    this.channels = new ChannelHub(engine, listener, builder.pollInterval, executor);
    this.flags =
        new FlagStore(
            engine, listener, "howdah-" + schema + "-flags", builder.flagPollInterval, executor);
    this.ownTransactions = new OwnTransactions(builder.dataSource, builder.url != null);
    this.transactions = builder.transactions == null ? ownTransactions : builder.transactions;
    this.jobs =
        new JobStore(
            listener,
            renewals,
            (work, rolledBack) ->
                transaction(tx -> {
                  tx.onRollback(rolledBack);
                  work.accept(tx, tx.calls().caller());
                }),
            "howdah-" + schema,
            Machinery::process);
    this.sessions = new SessionStore(mapper, channels);
    this.preferences = new PreferenceShape(mapper);
    this.stats = new StatsReader(engine, figures, wipes, listener, this::nearStats, flags::trouble);
    this.sweeper =
        builder.sweeper
            ? new Sweeper(engine, "howdah-" + schema + "-sweeper", builder.sweepListener)
            : null;
    if (sweeper != null) {
      sweeper.start();
    }
  }

  /** Calls in transactions of their own. */
  Calls outside() {
    return calls;
  }

  /** Calls in the transaction that the calling thread is in, where somebody knows of it. */
  Calls joining() {
    return transactions == ownTransactions ? calls : calls.joining(engine, this::current);
  }

  /** The transaction that the calling thread is in, as far as somebody knows. */
  @Nullable Transaction current() {
    return transactions.current(this::on);
  }

  Transaction on(Connection connection) {
    return new Transaction(this, connection);
  }

  void transaction(Consumer<Transaction> work) {
    Boolean done =
        transactionReturning(tx -> {
          work.accept(tx);
          return true;
        });
    assert done;
  }

  <R> R transactionReturning(Function<Transaction, R> work) {
    if (engine.isClosed()) {
      throw new HowdahException(ErrorCode.CLOSED, "this Howdah is closed");
    }
    return transactions.run(this::on, work);
  }

  /** In a transaction of its own, whatever the calling thread is in. */
  void ownTransaction(Consumer<Connection> work) {
    engine.awaitFirstUse();
    Boolean done =
        ownTransactions.run(
            this::on,
            tx -> {
              work.accept(tx.connection());
              return true;
            });
    assert done;
  }

  /** What this process keeps of the database, and counts down, is asked for anew. */
  void advance(Duration time) {
    calls.kv().nearCaches().clear();
    calls.cache().nearCaches().clear();
    calls.preference().nearCaches().clear();
    denials.advance(time);
  }

  /**
   * The name of this process. Not for a start: some machines take seconds to find their own name.
   */
  static String process() {
    return ProcessHandle.current().pid() + "@" + machine();
  }

  private static String machine() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  private List<NearStats> nearStats() {
    List<NearStats> all = new ArrayList<>(calls.kv().nearCaches().stats());
    all.addAll(calls.cache().nearCaches().stats());
    all.addAll(calls.preference().nearCaches().stats());
    return all;
  }

  Engine engine() {
    return engine;
  }

  ObjectMapper mapper() {
    return mapper;
  }

  int valueLimit() {
    return valueLimit;
  }

  NamespaceLevels levels() {
    return levels;
  }

  Marks marks() {
    return marks;
  }

  Renewals renewals() {
    return renewals;
  }

  Denials denials() {
    return denials;
  }

  WipeWatch wipes() {
    return wipes;
  }

  StatsReader stats() {
    return stats;
  }

  CacheStore caches() {
    return caches;
  }

  ChannelHub channels() {
    return channels;
  }

  FlagStore flags() {
    return flags;
  }

  JobStore jobs() {
    return jobs;
  }

  SessionStore sessions() {
    return sessions;
  }

  PreferenceShape preferences() {
    return preferences;
  }

  ConfigStore config(String namespace) {
    ConfigStore known = configs.get(namespace);
    return known != null
        ? known
        : configs.computeIfAbsent(
            namespace, name -> new ConfigStore(name, mapper, engine, listener, executor));
  }

  /** Null when nobody reads the namespace in this process. */
  @Nullable ConfigStore usedConfig(String namespace) {
    return configs.get(namespace);
  }

  @Override
  public void close() {
    if (sweeper != null) {
      sweeper.close();
    }
    jobs.close();
    flags.close();
    calls.kv().nearCaches().close();
    calls.cache().nearCaches().close();
    calls.preference().nearCaches().close();
    channels.close();
    configs.values().forEach(ConfigStore::close);
    listener.close();
    wipes.close();
    renewals.close();
    engine.close();
    ownTransactions.close();
  }
}
