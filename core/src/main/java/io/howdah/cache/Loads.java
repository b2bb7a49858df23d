package io.howdah.cache;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.cache.CacheOperations.Claim;
import io.howdah.cache.CacheOperations.State;
import io.howdah.cache.CacheOperations.Storing;
import io.howdah.engine.Engine;
import io.howdah.lock.Renewals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One computation of each entry at a time: in this process by a flight that others join, in the
 * cluster by a row of cache_load that one process claims.
 *
 * <p>Who joins a flight takes its value only when that was stored: then nothing was evicted between
 * its beginning and the statement that stored it. Nobody joins from when that is sent, so nothing
 * was evicted before a joiner came.
 */
final class Loads {
  private static final Logger LOG = LoggerFactory.getLogger(Loads.class);

  private static final long FIRST_PAUSE_NANOS = 2_000_000;
  private static final long LONGEST_PAUSE_NANOS = 50_000_000;

  /** Of the keys whose refresh failed lately. */
  private static final int MOST_PAUSED = 10_000;

  private final Engine engine;
  private final CacheCalls calls;
  private final Renewals renewals;
  private final Executor executor;
  private final ConcurrentHashMap<CacheKey, CompletableFuture<@Nullable Found>> flights =
      new ConcurrentHashMap<>();
  private final Map<CacheKey, Long> pausedUntil = new ConcurrentHashMap<>();

  Loads(Engine engine, CacheCalls calls, Renewals renewals, Executor executor) {
    this.engine = engine;
    this.calls = calls;
    this.renewals = renewals;
    this.executor = executor;
  }

  /** What is to be computed: the value and its stored form. */
  interface Computation<V> {
    Computed<V> compute() throws Exception;
  }

  /**
   * What was computed.
   *
   * @param value null where {@code found} says that there is none, or that another one computed it
   */
  record Computed<V>(@Nullable V value, Found found, boolean isOwn) {}

  /** A call for one entry that is not there, or stale. */
  record Request<V>(
      CacheKey key,
      List<String> tags,
      CacheSettings settings,
      CacheCounters counters,
      Computation<V> computation) {}

  /**
   * The value, computed here or elsewhere.
   *
   * @throws HowdahException with {@link ErrorCode#LOAD_FAILED} when the loader throws
   */
  <V> Computed<V> load(Request<V> request) {
    long giveUpAt = System.nanoTime() + nanos(request.settings().maxWait());
    boolean waited = false;
    while (true) {
      CompletableFuture<@Nullable Found> own = new CompletableFuture<>();
      CompletableFuture<@Nullable Found> other = flights.putIfAbsent(request.key(), own);
      if (other == null) {
        return lead(request, own, giveUpAt, !waited);
      }
      if (!waited) {
        request.counters().waits.increment();
        waited = true;
      }
      Found found;
      try {
        found = other.get(giveUpAt - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return compute(request);
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (ExecutionException e) {
        throw failed(request.key(), e.getCause() == null ? e : e.getCause());
      }
      if (found == null) {
        found = calls.read(request.key());
      }
      if (found != null) {
        return elsewhere(found);
      }
    }
  }

  private <V> Computed<V> lead(
      Request<V> request,
      CompletableFuture<@Nullable Found> flight,
      long giveUpAt,
      boolean countWait) {
    Found shared = null;
    Throwable failure = null;
    try {
      long pause = FIRST_PAUSE_NANOS;
      boolean waits = countWait;
      while (true) {
        Claim claim = claim(request);
        State state = claim(claim).get(0);
        if (state == State.CLAIMED) {
          Computed<V> computed = computeClaimed(request, claim);
          flights.remove(request.key(), flight);
          shared = store(request, claim, computed.found()) ? computed.found() : null;
          return computed;
        }
        if (state == State.BUSY) {
          if (waits) {
            request.counters().waits.increment();
            waits = false;
          }
          if (System.nanoTime() - giveUpAt >= 0) {
            return compute(request);
          }
          sleep(Math.min(pause, giveUpAt - System.nanoTime()));
          pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
        Found found = calls.read(request.key());
        if (found != null) {
          // Who has joined reads for itself: he may have come when this was read already.
          return elsewhere(found);
        }
      }
    } catch (HowdahException e) {
      failure = e.code() == ErrorCode.LOAD_FAILED ? e.getCause() : null;
      throw e;
    } finally {
      flights.remove(request.key(), flight);
      if (failure == null) {
        flight.complete(shared);
      } else {
        flight.completeExceptionally(failure);
      }
    }
  }

  /** Computes a stale value anew, in the background, unless somebody is at it. */
  <V> void refresh(Request<V> request) {
    CacheKey key = request.key();
    Long until = pausedUntil.get(key);
    if (until != null) {
      if (System.nanoTime() - until < 0) {
        return;
      }
      pausedUntil.remove(key, until);
    }
    CompletableFuture<@Nullable Found> flight = new CompletableFuture<>();
    if (flights.putIfAbsent(key, flight) != null) {
      return;
    }
    boolean taken = false;
    try {
      executor.execute(() -> refreshNow(request, flight));
      taken = true;
    } catch (RejectedExecutionException e) {
      LOG.warn("cache {}: the executor takes no refresh of '{}'", key.cache(), key.key(), e);
    } finally {
      if (!taken) {
        land(key, flight, null);
      }
    }
  }

  private <V> void refreshNow(Request<V> request, CompletableFuture<@Nullable Found> flight) {
    CacheKey key = request.key();
    Found shared = null;
    try {
      Claim claim = claim(request);
      if (claim(claim).get(0) == State.CLAIMED) {
        Found found = computeClaimed(request, claim).found();
        flights.remove(key, flight);
        shared = store(request, claim, found) ? found : null;
      }
    } catch (HowdahException e) {
      pause(key, request.settings().failurePause());
      LOG.warn("cache {}: '{}' stays stale, its refresh failed", key.cache(), key.key(), e);
    } finally {
      land(key, flight, shared);
    }
  }

  private void land(
      CacheKey key, CompletableFuture<@Nullable Found> flight, @Nullable Found shared) {
    flights.remove(key, flight);
    flight.complete(shared);
  }

  private void pause(CacheKey key, Duration pause) {
    if (pausedUntil.size() >= MOST_PAUSED) {
      long now = System.nanoTime();
      pausedUntil.values().removeIf(until -> now - until >= 0);
    }
    if (pausedUntil.size() < MOST_PAUSED) {
      pausedUntil.put(key, System.nanoTime() + nanos(pause));
    }
  }

  /** Evicted here: who comes now need not wait for a computation that began before. */
  void evicted(CacheKey key) {
    flights.remove(key);
  }

  void evicted(String cache) {
    flights.keySet().removeIf(key -> key.cache().equals(cache));
  }

  /**
   * Computes entries that this process has claimed, and renews the claim meanwhile.
   *
   * @throws HowdahException with {@link ErrorCode#LOAD_FAILED} when the loader throws
   */
  <R> R computeClaimed(Claim claim, CacheCounters counters, CacheKey key, Work<R> work) {
    long pause = Math.max(1, claim.lease().toNanos() / 3);
    Future<?> renewing = renewals.every(Duration.ofNanos(pause), () -> renew(claim));
    boolean done = false;
    try {
      R result = timed(counters, key, work);
      done = true;
      return result;
    } finally {
      renewing.cancel(false);
      if (!done) {
        abandon(claim);
      }
    }
  }

  /** Claims. Where it does not become known what came of it, it is given back. */
  List<State> claim(Claim claim) {
    boolean known = false;
    try {
      List<State> states = engine.call(CacheOperations.CLAIM, claim);
      known = true;
      return states;
    } finally {
      if (!known) {
        abandon(claim);
      }
    }
  }

  /** Gives a claim back, without waiting for that. */
  void abandon(Claim claim) {
    engine
        .callAsync(CacheOperations.ABANDON, claim)
        .whenComplete((keys, failure) -> {
          if (failure != null) {
            LOG.debug("a load could not be given up before its lease ends", failure);
          }
        });
  }

  /** What a loader does, on behalf of this process. */
  interface Work<R> {
    R run() throws Exception;
  }

  static <R> R timed(CacheCounters counters, CacheKey key, Work<R> work) {
    long began = System.nanoTime();
    counters.loads.increment();
    boolean done = false;
    try {
      R result = work.run();
      done = true;
      return result;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(key, e);
    } catch (Exception e) {
      throw failed(key, e);
    } finally {
      counters.loadNanos.add(System.nanoTime() - began);
      if (!done) {
        counters.loadFailures.increment();
      }
    }
  }

  /** {@link #timed} of what is not to be stored. */
  static <R> R timedOnly(CacheCounters counters, CacheKey key, Work<R> work) {
    R result = timed(counters, key, work);
    counters.unstored.increment();
    return result;
  }

  private <V> Computed<V> computeClaimed(Request<V> request, Claim claim) {
    return computeClaimed(claim, request.counters(), request.key(), request.computation()::compute);
  }

  /** Without a claim, and so not to be stored. */
  private <V> Computed<V> compute(Request<V> request) {
    Computed<V> computed =
        timedOnly(request.counters(), request.key(), request.computation()::compute);
    calls.changed(request.key());
    return computed;
  }

  private void renew(Claim claim) {
    engine
        .callAsync(CacheOperations.RENEW, claim)
        .whenComplete((held, failure) -> {
          if (failure != null) {
            LOG.debug("a load could not be renewed", failure);
          }
        });
  }

  private static Claim claim(Request<?> request) {
    return new Claim(
        request.key().cache(),
        List.of(request.key().key()),
        request.tags(),
        UUID.randomUUID(),
        request.settings().lease());
  }

  private boolean store(Request<?> request, Claim claim, Found found) {
    return !store(request.settings(), request.counters(), claim, Map.of(request.key().key(), found))
        .isEmpty();
  }

  /**
   * Ends a claim of these keys; which of them were stored. What could not be stored is computed all
   * the same, and whoever asks next computes it again.
   */
  Set<String> store(
      CacheSettings settings, CacheCounters counters, Claim claim, Map<String, Found> values) {
    Storing worth = worthStoring(settings, claim, values);
    Set<String> stored = Set.of();
    if (!worth.keys().isEmpty()) {
      boolean ended = false;
      try {
        stored =
            stored(
                worth,
                calls.write(
                    worth.cache(),
                    CacheCalls.ofKeys(worth.cache(), worth.keys()),
                    CacheOperations.STORE,
                    worth));
        ended = true;
      } catch (CallFailedException e) {
        LOG.warn("cache {}: what was computed could not be stored", claim.cache(), e);
      } finally {
        if (!ended) {
          abandon(claim);
        }
      }
    }
    counters.unstored.add(values.size() - stored.size());
    return stored;
  }

  /** The same without waiting; it fails when the database does not answer. */
  CompletionStage<Set<String>> storeAsync(
      CacheSettings settings, CacheCounters counters, Claim claim, Map<String, Found> values) {
    Storing worth = worthStoring(settings, claim, values);
    CompletionStage<Set<String>> storing =
        worth.keys().isEmpty()
            ? CompletableFuture.completedFuture(Set.of())
            : calls
                .writeAsync(
                    engine,
                    worth.cache(),
                    CacheCalls.ofKeys(worth.cache(), worth.keys()),
                    CacheOperations.STORE,
                    worth)
                .thenApply(places -> stored(worth, places));
    return storing.thenApply(stored -> {
      counters.unstored.add(values.size() - stored.size());
      return stored;
    });
  }

  private static Set<String> stored(Storing storing, Set<Integer> places) {
    return places.stream()
        .map(place -> storing.keys().get(place))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Those that have a time to live; gives the claim of the others back. */
  private Storing worthStoring(CacheSettings settings, Claim claim, Map<String, Found> values) {
    List<String> keys = new ArrayList<>();
    List<Found> worth = new ArrayList<>();
    List<Duration> ttls = new ArrayList<>();
    List<String> others = new ArrayList<>();
    values.forEach((key, value) -> {
      Duration ttl = ttl(settings, value);
      if (ttl.isZero()) {
        others.add(key);
      } else {
        keys.add(key);
        worth.add(value);
        ttls.add(ttl);
      }
    });
    if (!others.isEmpty()) {
      abandon(new Claim(claim.cache(), others, claim.tags(), claim.token(), claim.lease()));
    }
    return new Storing(
        claim.cache(), keys, worth, ttls, settings.staleFor(), claim.tags(), claim.token());
  }

  /** Zero: not to be stored. */
  private static Duration ttl(CacheSettings settings, Found value) {
    Duration ttl = value.value() == null ? settings.emptyTtl() : settings.ttl();
    double share = 1 - settings.jitter() * ThreadLocalRandom.current().nextDouble();
    Duration jittered = Duration.ofNanos((long) (nanos(ttl) * share));
    return ttl.isZero() || jittered.toNanos() >= 1_000 ? jittered : ttl;
  }

  /** Somebody else computed it. */
  private static <V> Computed<V> elsewhere(Found found) {
    return new Computed<>(null, found, false);
  }

  private static HowdahException failed(CacheKey key, Throwable cause) {
    return new HowdahException(
        ErrorCode.LOAD_FAILED,
        "the loader of '" + key.key() + "' in cache '" + key.cache() + "' failed: " + cause,
        cause);
  }

  private static CallFailedException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CallFailedException(
        ErrorCode.INTERRUPTED,
        CallFailedException.Outcome.NOT_APPLIED,
        "interrupted while another one computes the value",
        e);
  }

  private static void sleep(long nanos) {
    LockSupport.parkNanos(nanos);
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted(new InterruptedException());
    }
  }

  /** Of up to 292 years: 36,500 days are fewer. */
  private static long nanos(Duration duration) {
    return duration.toNanos();
  }
}
