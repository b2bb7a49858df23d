package io.howdah.kv;

import io.howdah.engine.Caller;
import io.howdah.engine.Engine;
import io.howdah.engine.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where the calls of stores go, and what near caches have to know of them. A call inside a
 * transaction of the caller's bypasses them: what it reads may be of an older snapshot, or not be
 * committed.
 */
public final class KvCalls {
  /** So many keys are remembered of a transaction, and of more the namespace. */
  private static final int MOST_WRITTEN = 10_000;

  private final Caller caller;
  private final NearCaches caches;
  private final boolean joined;

  /** Of a joined transaction: what becomes true for others only when it commits. */
  private final Set<KvKey> written = new HashSet<>();

  private final Set<String> cleared = new HashSet<>();

  /** Calls over {@code caller}: the engine, or a transaction. */
  public KvCalls(Caller caller, NearCaches caches) {
    this.caller = caller;
    this.caches = caches;
    this.joined = !(caller instanceof Engine);
  }

  /** The engine; null inside a transaction. */
  @Nullable Engine engine() {
    return caller instanceof Engine engine ? engine : null;
  }

  /** Where values may be kept; null where they are not, or here must not. */
  @Nullable NearCache near(String namespace) {
    return joined ? null : caches.of(namespace);
  }

  void open(String namespace, NearSettings settings) {
    if (!joined) {
      caches.open(namespace, settings);
    }
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

  /** This process has seen a version of a value; 0 for an unknown one, or none. */
  void seen(String namespace, String key, long version) {
    NearCache near = caches.of(namespace);
    if (near != null) {
      near.seen(key, joined ? 0 : version);
    }
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
    NearCache near = near(key.namespace());
    if (near == null) {
      try {
        return caller.call(operation, args);
      } finally {
        changed(key);
      }
    }
    int stripe = near.writing(key.key());
    try {
      return caller.call(operation, args);
    } finally {
      near.written(stripe);
    }
  }

  /** {@link #write} without waiting. */
  <R extends @Nullable Object> CompletionStage<R> writeAsync(
      Engine engine, Operation<KvArguments, R> operation, KvArguments args) {
    KvKey key = args.key();
    NearCache near = near(key.namespace());
    if (near == null) {
      return engine.callAsync(operation, args);
    }
    int stripe = near.writing(key.key());
    try {
      return engine
          .callAsync(operation, args)
          .whenComplete((answer, failure) -> near.written(stripe));
    } catch (RuntimeException e) {
      near.written(stripe);
      throw e;
    }
  }

  /** A call that writes to several keys of one namespace. */
  <R> R writeMany(Operation<KvMany.Many, R> operation, KvMany.Many args) {
    NearCache near = near(args.namespace());
    if (near == null) {
      try {
        return caller.call(operation, args);
      } finally {
        args.keys().forEach(this::changed);
      }
    }
    List<Integer> stripes = new ArrayList<>();
    args.keys().forEach(key -> stripes.add(near.writing(key.key())));
    try {
      return caller.call(operation, args);
    } finally {
      stripes.forEach(near::written);
    }
  }

  /** Also where there was no near cache when the call began: one may have been opened meanwhile. */
  private void changed(KvKey key) {
    NearCache near = caches.of(key.namespace());
    if (near != null) {
      near.changed(key.key());
    }
    if (joined && near != null && written.size() < MOST_WRITTEN) {
      written.add(key);
    } else if (joined) {
      cleared.add(key.namespace());
    }
  }

  /** A namespace may have been emptied. */
  void cleared(String namespace) {
    NearCache near = caches.of(namespace);
    if (near != null) {
      near.clear();
    }
    if (joined) {
      cleared.add(namespace);
    }
  }

  /** The joined transaction has ended, and may have been committed. */
  public void ended() {
    Set.copyOf(written).forEach(this::changed);
    Set.copyOf(cleared).forEach(this::cleared);
  }
}
