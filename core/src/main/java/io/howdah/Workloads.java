package io.howdah;

import io.howdah.cache.CacheSettings;
import io.howdah.cache.Caches;
import io.howdah.cache.ComputedCache;
import io.howdah.channel.Channels;
import io.howdah.config.Config;
import io.howdah.config.ConfigStore;
import io.howdah.flag.Flags;
import io.howdah.job.JobQueue;
import io.howdah.job.Jobs;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.Namespaces;
import io.howdah.preference.Preferences;
import io.howdah.session.Sessions;
import io.howdah.token.Tokens;
import java.lang.reflect.Type;

/**
 * The workloads. Which transaction their calls are part of says who hands them out: {@link Howdah},
 * {@link Howdah#outside}, or a {@link Transaction}.
 */
public abstract class Workloads {
  private final Machinery machinery;
  private final Calls calls;

  Workloads(Machinery machinery, Calls calls) {
    this.machinery = machinery;
    this.calls = calls;
  }

  Machinery machinery() {
    return machinery;
  }

  Calls calls() {
    return calls;
  }

  /** A flag has been changed by a call. */
  abstract void flagsChanged();

  /** A configuration value has been changed by a call. */
  abstract void configChanged(ConfigStore store);

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
    return new KeyValueStore<>(
        namespace, codec, machinery.valueLimit(), machinery.marks(), calls.kv());
  }

  /** The keys and values of the namespace {@value Howdah#DEFAULT_NAMESPACE}. */
  public <V> KeyValueStore<V> kv(Class<V> type) {
    return kv(Howdah.DEFAULT_NAMESPACE, type);
  }

  /** Registers, moves, empties and lists namespaces. */
  public Namespaces namespaces() {
    return new Namespaces(calls.caller(), calls.kv(), machinery.levels()::refresh);
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
    return machinery.caches().open(name, codec, settings, calls.cache());
  }

  /** Bounds of caches, and their sizes. */
  public Caches caches() {
    return new Caches(calls.cache());
  }

  /** The sessions of users. */
  public Sessions sessions() {
    return machinery.sessions().on(calls.caller());
  }

  /** One-time tokens. */
  public Tokens tokens() {
    return new Tokens(machinery.mapper(), calls.caller());
  }

  /** Feature flags. */
  public Flags flags() {
    return new Flags(machinery.flags(), machinery.mapper(), calls.caller(), this::flagsChanged);
  }

  /** Channels: messages for whoever listens, and for whoever comes later. */
  public Channels channels() {
    return new Channels(calls.caller(), machinery.channels());
  }

  /** Preferences of users, and the layers below them. */
  public Preferences preferences() {
    return new Preferences(machinery.preferences(), calls.preference());
  }

  /**
   * The configuration values of a namespace.
   *
   * @param namespace 1 to 64 bytes; its first change registers it, as a durable one that notifies
   */
  public Config config(String namespace) {
    ConfigStore store = machinery.config(namespace);
    return new Config(store, calls.caller(), () -> configChanged(store));
  }

  /** Jobs of every queue: to look at them, end them, have them run again. */
  public Jobs jobs() {
    return new Jobs(calls.caller());
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
    return new JobQueue<>(queue, codec, calls.caller(), machinery.jobs());
  }

  @SuppressWarnings("unchecked") // byte[] is the one type whose codec is not Jackson's
  private <V> Codec<V> codec(Type type) {
    return type == byte[].class ? (Codec<V>) Codec.bytes() : Codec.json(machinery.mapper(), type);
  }
}
