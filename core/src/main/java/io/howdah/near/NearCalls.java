package io.howdah.near;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What near caches have to know of the calls of one Howdah, or of one joined transaction. The calls
 * of a transaction bypass them: what it reads may be of an older snapshot, or not be committed; and
 * what it writes becomes true for others when it commits.
 *
 * @param <S> what is kept of a value
 */
public final class NearCalls<S> {
  /** So many scopes are remembered of a transaction and a name, and of more the name. */
  private static final int MOST_WRITTEN = 10_000;

  private final NearCaches<S> caches;
  private final boolean joined;

  /** What a joined transaction has changed, by name. */
  private final Map<String, Set<Long>> written = new HashMap<>();

  private final Set<String> cleared = new HashSet<>();

  /** Of a transaction of the caller's when {@code joined}. */
  public NearCalls(NearCaches<S> caches, boolean joined) {
    this.caches = caches;
    this.joined = joined;
  }

  /** The scopes of what a call writes; asked only where they are needed. */
  public interface Scopes {
    long[] get();
  }

  /** Where values may be kept; null where they are not, or here must not. */
  public @Nullable NearCache<S> cache(String name) {
    return joined ? null : caches.of(name);
  }

  /** Has a near cache for this name from now on; in a joined transaction nothing. */
  public void open(String name, NearSettings settings) {
    if (!joined) {
      caches.open(name, settings);
    }
  }

  /** This process has seen a version of a value; 0 for an unknown one, or none. */
  public void seen(String name, String key, Scopes scope, long version) {
    NearCache<S> near = caches.of(name);
    if (near != null) {
      near.seen(key, scope.get()[0], joined ? 0 : version);
    }
  }

  /** A call that writes. */
  public <R extends @Nullable Object> R write(String name, Scopes scopes, Supplier<R> call) {
    NearCache<S> near = cache(name);
    if (near == null) {
      try {
        return call.get();
      } finally {
        changed(name, scopes);
      }
    }
    long[] all = scopes.get();
    writing(near, all);
    try {
      return call.get();
    } finally {
      written(near, all);
    }
  }

  /** {@link #write} without waiting. */
  public <R extends @Nullable Object> CompletionStage<R> writeAsync(
      String name, Scopes scopes, Supplier<CompletionStage<R>> call) {
    NearCache<S> near = cache(name);
    if (near == null) {
      return call.get();
    }
    long[] all = scopes.get();
    writing(near, all);
    try {
      return call.get().whenComplete((answer, failure) -> written(near, all));
    } catch (RuntimeException e) {
      written(near, all);
      throw e;
    }
  }

  private static void writing(NearCache<?> near, long[] scopes) {
    for (long scope : scopes) {
      near.writing(scope);
    }
  }

  private static void written(NearCache<?> near, long[] scopes) {
    for (long scope : scopes) {
      near.written(scope);
    }
  }

  /** Also where there was no near cache when the call began: one may have been opened meanwhile. */
  public void changed(String name, Scopes scopes) {
    NearCache<S> near = caches.of(name);
    if (near == null && !joined) {
      return;
    }
    if (near == null || cleared.contains(name)) {
      cleared.add(name);
      return;
    }
    Set<Long> known = joined ? written.computeIfAbsent(name, unused -> new HashSet<>()) : Set.of();
    for (long scope : scopes.get()) {
      near.changed(scope);
      if (joined) {
        known.add(scope);
      }
    }
    if (known.size() > MOST_WRITTEN) {
      written.remove(name);
      cleared.add(name);
    }
  }

  /** Everything of a name may have changed. */
  public void cleared(String name) {
    NearCache<S> near = caches.of(name);
    if (near != null) {
      near.clear();
    }
    if (joined) {
      cleared.add(name);
    }
  }

  /** The joined transaction has ended, and may have been committed. */
  public void ended() {
    written.forEach((name, scopes) -> {
      NearCache<S> near = caches.of(name);
      if (near != null) {
        scopes.forEach(near::changed);
      }
    });
    for (String name : cleared) {
      NearCache<S> near = caches.of(name);
      if (near != null) {
        near.clear();
      }
    }
  }
}
