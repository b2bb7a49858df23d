package io.howdah.kv;

import io.howdah.engine.Caller;
import io.howdah.engine.Engine;
import io.howdah.engine.Listener;
import io.howdah.engine.Operation;
import io.howdah.engine.WipeWatch;
import io.howdah.near.NearCache;
import io.howdah.near.NearCaches;
import io.howdah.near.NearCalls;
import io.howdah.near.NearHash;
import io.howdah.near.NearSettings;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where the calls of stores go, and what near caches have to know of them. */
public final class KvCalls {
  private static final Operation<String, NearCaches.Registered> REGISTRY =
      NearCaches.registry(
          "namespace_notifies",
          "SELECT n.notifies, 0::bigint, 0::bigint FROM ${schema}.namespace AS n WHERE n.name = ?");

  private final Caller caller;
  private final NearCaches<Stored> caches;
  private final NearCalls<Stored> near;
  private final Supplier<@Nullable KvCalls> current;

  private KvCalls(
      Caller caller,
      NearCaches<Stored> caches,
      NearCalls<Stored> near,
      Supplier<@Nullable KvCalls> current) {
    this.caller = caller;
    this.caches = caches;
    this.near = near;
    this.current = current;
  }

  /** Those of a Howdah; there are no near caches yet. */
  public KvCalls(Engine engine, Listener listener, WipeWatch wipes) {
    this(engine, new NearCaches<>("kv", REGISTRY, engine, listener, wipes));
  }

  private KvCalls(Engine engine, NearCaches<Stored> caches) {
    this(engine, caches, new NearCalls<>(caches, false), () -> null);
  }

  /** These, but in the transaction that the calling thread is in, where it is in one. */
  public KvCalls joining(Supplier<@Nullable KvCalls> transaction) {
    return new KvCalls(caller, caches, near, transaction);
  }

  /** Those that a call of this thread has to use now. */
  KvCalls here() {
    KvCalls joined = current.get();
    return joined == null ? this : joined;
  }

  /** Those of a transaction of the caller's. */
  public KvCalls joined(Caller transaction) {
    return new KvCalls(transaction, caches, new NearCalls<>(caches, true), () -> null);
  }

  /** The near caches of namespaces. */
  public NearCaches<?> nearCaches() {
    return caches;
  }

  /** What notifications call a key: the function _kv_notify_hash of notify.sql. */
  static long scope(String namespace, String key) {
    return NearHash.of(namespace + '\0' + key);
  }

  /** The engine; null inside a transaction. */
  @Nullable Engine engine() {
    return caller.engine();
  }

  /** Where values may be kept; null where they are not, or here must not. */
  @Nullable NearCache<Stored> near(String namespace) {
    return near.cache(namespace);
  }

  void open(String namespace, NearSettings settings) {
    near.open(namespace, settings);
  }

  /** A call that near caches need not know of. */
  <A, R extends @Nullable Object> R call(Operation<A, R> operation, A args) {
    return caller.call(operation, args);
  }

  /** A call that reads one key. */
  <R extends @Nullable Object> R read(Operation<KvArguments, R> operation, KvArguments args) {
    R answer = caller.call(operation, args);
    KvKey key = args.key();
    seen(key.namespace(), key.key(), 0);
    return answer;
  }

  static NearCache.Ticket ask(NearCache<Stored> near, KvKey key) {
    return near.ask(scope(key.namespace(), key.key()));
  }

  static void answered(
      NearCache<Stored> near, KvKey key, NearCache.Ticket ticket, @Nullable StoredEntry entry) {
    near.answered(
        key.key(),
        ticket,
        entry == null
            ? null
            : new NearCache.Answer<>(
                entry.stored(),
                entry.stored().version(),
                entry.stored().size(),
                new long[] {scope(key.namespace(), key.key())},
                entry.ttlMicros()));
  }

  /** This process has seen a version of a value; 0 for an unknown one, or none. */
  void seen(String namespace, String key, long version) {
    near.seen(namespace, key, () -> new long[] {scope(namespace, key)}, version);
  }

  /** This process has seen whether there is a value. */
  void seen(String namespace, String key, boolean there) {
    if (!there) {
      seen(namespace, key, 0);
    }
  }

  /** A call that writes to one key. */
  <R extends @Nullable Object> R write(Operation<KvArguments, R> operation, KvArguments args) {
    KvKey key = args.key();
    return near.write(key.namespace(), () -> scopes(key), () -> caller.call(operation, args));
  }

  /** {@link #write} without waiting. */
  <R extends @Nullable Object> CompletionStage<R> writeAsync(
      Engine engine, Operation<KvArguments, R> operation, KvArguments args) {
    KvKey key = args.key();
    return near.writeAsync(
        key.namespace(), () -> scopes(key), () -> engine.callAsync(operation, args));
  }

  /** A call that writes to several keys of one namespace. */
  <R> R writeMany(Operation<KvMany.Many, R> operation, KvMany.Many args) {
    return near.write(
        args.namespace(),
        () -> args.keys().stream().mapToLong(key -> scope(key.namespace(), key.key())).toArray(),
        () -> caller.call(operation, args));
  }

  private static long[] scopes(KvKey key) {
    return new long[] {scope(key.namespace(), key.key())};
  }

  /** A namespace may have been emptied. */
  void cleared(String namespace) {
    near.cleared(namespace);
  }

  /** The joined transaction has ended, and may have been committed. */
  public void ended() {
    near.ended();
  }
}
