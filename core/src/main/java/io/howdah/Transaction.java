package io.howdah;

import io.howdah.cache.CacheCalls;
import io.howdah.cache.CacheSettings;
import io.howdah.cache.ComputedCache;
import io.howdah.channel.Channels;
import io.howdah.config.Config;
import io.howdah.config.ConfigStore;
import io.howdah.config.Configs;
import io.howdah.engine.Caller;
import io.howdah.engine.JoinedCaller;
import io.howdah.flag.Flags;
import io.howdah.job.JobQueue;
import io.howdah.job.Jobs;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.KvCalls;
import io.howdah.kv.Namespaces;
import io.howdah.preference.PreferenceCalls;
import io.howdah.preference.Preferences;
import io.howdah.session.Sessions;
import io.howdah.token.Tokens;
import java.sql.Connection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The workloads inside a transaction of the caller's, on its connection. What is written here is
 * seen by others when the transaction commits, and undone when it rolls back. As thread-safe as the
 * connection: not at all.
 */
public final class Transaction {
  private final Howdah howdah;
  private final Connection connection;
  private final Caller caller;
  private final KvCalls calls;
  private final CacheCalls cacheCalls;
  private final PreferenceCalls preferenceCalls;
  private boolean flagsChanged;
  private final Set<ConfigStore> configsChanged = new LinkedHashSet<>();

  Transaction(Howdah howdah, Connection connection) {
    this.howdah = howdah;
    this.connection = connection;
    this.caller = new JoinedCaller(connection, howdah.engine());
    this.calls = howdah.kvCalls().joined(caller);
    this.cacheCalls = howdah.cacheCalls().joined(caller);
    this.preferenceCalls = howdah.preferenceCalls().joined(caller);
  }

  /** The connection, for SQL of your own in the same transaction. */
  public Connection connection() {
    return connection;
  }

  /** {@link Howdah#kv(String, Class)}, in this transaction. */
  public <V> KeyValueStore<V> kv(String namespace, Class<V> type) {
    return kv(namespace, howdah.codec(type));
  }

  /** {@link Howdah#kv(String, TypeRef)}, in this transaction. */
  public <V> KeyValueStore<V> kv(String namespace, TypeRef<V> type) {
    return kv(namespace, howdah.codec(type.type()));
  }

  /** {@link Howdah#kv(String, Codec)}, in this transaction. */
  public <V> KeyValueStore<V> kv(String namespace, Codec<V> codec) {
    return new KeyValueStore<>(namespace, codec, howdah.valueLimit(), howdah.marks(), calls);
  }

  /** {@link Howdah#cache(String, Class)}, in this transaction. */
  public <V> ComputedCache<V> cache(String name, Class<V> type) {
    return cache(name, type, CacheSettings.defaults());
  }

  /** {@link Howdah#cache(String, Class, CacheSettings)}, in this transaction. */
  public <V> ComputedCache<V> cache(String name, Class<V> type, CacheSettings settings) {
    return cache(name, howdah.<V>codec(type), settings);
  }

  /** {@link Howdah#cache(String, TypeRef, CacheSettings)}, in this transaction. */
  public <V> ComputedCache<V> cache(String name, TypeRef<V> type, CacheSettings settings) {
    return cache(name, howdah.<V>codec(type.type()), settings);
  }

  /** {@link Howdah#cache(String, Codec, CacheSettings)}, in this transaction. */
  public <V> ComputedCache<V> cache(String name, Codec<V> codec, CacheSettings settings) {
    return howdah.cacheStore().open(name, codec, settings, cacheCalls);
  }

  /** {@link Howdah#sessions}, in this transaction. */
  public Sessions sessions() {
    return howdah.sessionStore().on(caller);
  }

  /** {@link Howdah#tokens}, in this transaction. */
  public Tokens tokens() {
    return new Tokens(howdah.mapper(), caller);
  }

  /** {@link Howdah#channels}: what is published here is delivered when it commits. */
  public Channels channels() {
    return new Channels(caller, howdah.channelHub());
  }

  /** {@link Howdah#flags}: changes in this transaction, questions on the snapshot as elsewhere. */
  public Flags flags() {
    return new Flags(howdah.flagStore(), howdah.mapper(), caller, () -> flagsChanged = true);
  }

  /** {@link Howdah#preferences}, in this transaction. */
  public Preferences preferences() {
    return new Preferences(howdah.preferenceShape(), preferenceCalls);
  }

  /**
   * {@link Howdah#config}: changes in this transaction, values from the same snapshot as elsewhere.
   */
  public Config config(String namespace) {
    ConfigStore store = howdah.configStore(namespace);
    return new Config(store, caller, () -> configsChanged.add(store));
  }

  /** {@link Howdah#configs}, in this transaction. */
  public Configs configs() {
    return new Configs(
        caller,
        namespace -> {
          ConfigStore used = howdah.usedConfigStore(namespace);
          if (used != null) {
            configsChanged.add(used);
          }
        });
  }

  /** {@link Howdah#jobs()}, in this transaction. */
  public Jobs jobs() {
    return new Jobs(caller);
  }

  /** {@link Howdah#jobs(String)}, in this transaction: a job is there when it commits. */
  public JobQueue<Object> jobs(String queue) {
    return jobs(queue, Object.class);
  }

  /** {@link Howdah#jobs(String, Class)}, in this transaction. */
  public <T> JobQueue<T> jobs(String queue, Class<T> type) {
    return jobs(queue, howdah.<T>codec(type));
  }

  /** {@link Howdah#jobs(String, TypeRef)}, in this transaction. */
  public <T> JobQueue<T> jobs(String queue, TypeRef<T> type) {
    return jobs(queue, howdah.<T>codec(type.type()));
  }

  /** {@link Howdah#jobs(String, Codec)}, in this transaction. */
  public <T> JobQueue<T> jobs(String queue, Codec<T> codec) {
    return new JobQueue<>(queue, codec, caller, howdah.jobStore());
  }

  /**
   * {@link Howdah#namespaces}, in this transaction: it keeps writers to the namespace out until it
   * ends.
   */
  public Namespaces namespaces() {
    return new Namespaces(caller, calls, howdah.levels()::refresh);
  }

  Caller caller() {
    return caller;
  }

  /** It has been committed, perhaps: near caches may keep what was there before. */
  void ended() {
    calls.ended();
    cacheCalls.ended();
    preferenceCalls.ended();
  }

  /** It has been committed. */
  void committed() {
    if (flagsChanged) {
      howdah.flagStore().seeChange();
    }
    configsChanged.forEach(ConfigStore::seeChange);
  }
}
