package io.howdah.ratelimit;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Arguments;
import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.Engine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Limits how often something may be done, by key: a user, an address, a tenant. Exact across all
 * processes: of however many that ask at once, as many are allowed as the limit says. One statement
 * a call, which is shared with other calls that wait; calls on one key are summed.
 *
 * <p>It counts in a transaction of its own, also when the caller has one open: a rollback must not
 * give calls back, nor may the caller's transaction hold others up. The counters are in an unlogged
 * table: after a crash of Postgres every limit starts anew, unless {@link #closedAfterWipe}.
 *
 * <p>Immutable and thread-safe; the methods that change how it works return a changed copy. Cheap
 * to make.
 */
public final class RateLimiter {
  /** What to answer when the database gives no answer. */
  public enum Fallback {
    /** Throw what the database call threw. */
    FAIL,
    /** Allow: better too many calls than none. */
    OPEN,
    /** Deny: better no calls than too many. */
    CLOSED
  }

  private static final int KEY_BYTES = 1_024;

  /** A call on one of several limiters: {@link #acquireAll}. */
  public record Request(RateLimiter limiter, String key) {}

  /**
   * What several limiters say together.
   *
   * @param request which request it is about, from 0: the one that denied, or the one with the
   *     fewest calls left
   * @param limit the limit of its limiter that it is about
   * @param decision allowed when all of them allow it
   */
  public record Tightest(int request, RateLimit limit, Decision decision) {}

  private record Manner(
      boolean shadow,
      boolean remembers,
      Fallback fallback,
      Duration patience,
      boolean closedAfterWipe,
      BiConsumer<String, Decision> listener) {}

  /** An answer, and which take it is about. */
  private record Told(int take, Decision decision) {}

  private final String name;
  private final List<RateLimit> limits;
  private final Engine engine;
  private final Denials denials;
  private final Manner manner;

  /** Use {@code Howdah.rateLimiter}. */
  public RateLimiter(String name, List<RateLimit> limits, Engine engine, Denials denials) {
    this(
        Arguments.text("name", name, KEY_BYTES / 2),
        different(limits),
        engine,
        denials,
        new Manner(
            false,
            true,
            Fallback.FAIL,
            engine.settings().callTimeout(),
            false,
            (key, decision) -> {}));
  }

  private RateLimiter(
      String name, List<RateLimit> limits, Engine engine, Denials denials, Manner manner) {
    this.name = name;
    this.limits = limits;
    this.engine = engine;
    this.denials = denials;
    this.manner = manner;
  }

  private static List<RateLimit> different(List<RateLimit> limits) {
    if (limits.isEmpty() || limits.size() > 100) {
      throw new InvalidArgumentException(
          "limits", "limits: 1 to 100 expected, got " + limits.size());
    }
    Set<Duration> periods = new HashSet<>();
    for (RateLimit limit : limits) {
      if (!periods.add(limit.period())) {
        throw new InvalidArgumentException(
            "limits", "limits: one for each period expected, got two for " + limit.period());
      }
    }
    return List.copyOf(limits);
  }

  private RateLimiter with(Manner changed) {
    return new RateLimiter(name, limits, engine, denials, changed);
  }

  /**
   * A limiter that counts, and denies nobody: to see what a limit would do. What it would have
   * denied has {@link Decision.Source#SHADOW}.
   */
  public RateLimiter shadow() {
    return with(
        new Manner(
            true,
            manner.remembers,
            manner.fallback,
            manner.patience,
            manner.closedAfterWipe,
            manner.listener));
  }

  /**
   * Whether this process answers a denied key from memory until its retry time. That spares the
   * database, and misses what others refund or reset meanwhile. Default: yes.
   */
  public RateLimiter answeringFromMemory(boolean remembers) {
    return with(
        new Manner(
            manner.shadow,
            remembers,
            manner.fallback,
            manner.patience,
            manner.closedAfterWipe,
            manner.listener));
  }

  /**
   * What to answer when the database is away, or gives no answer within {@code patience}. The call
   * may still be counted then. Default: {@link Fallback#FAIL}, after the timeout of a call.
   *
   * @param patience 1 ms to 10 minutes
   * @throws InvalidArgumentException when it is outside
   */
  public RateLimiter whenUnavailable(Fallback fallback, Duration patience) {
    if (patience.compareTo(Duration.ofMillis(1)) < 0
        || patience.compareTo(Duration.ofMinutes(10)) > 0) {
      throw new InvalidArgumentException(
          "patience", "patience: 1 millisecond to 10 minutes expected, got " + patience);
    }
    return with(
        new Manner(
            manner.shadow,
            manner.remembers,
            fallback,
            patience,
            manner.closedAfterWipe,
            manner.listener));
  }

  /**
   * After a crash of Postgres, which takes the counters, denies everything until the longest period
   * is over, instead of starting anew: so nobody has two limits' worth of calls in one. Counted
   * from the moment at which this process learns of the crash.
   */
  public RateLimiter closedAfterWipe() {
    return with(
        new Manner(
            manner.shadow,
            manner.remembers,
            manner.fallback,
            manner.patience,
            true,
            manner.listener));
  }

  /** Tells {@code listener} about every decision and its key, on the thread that gets it. */
  public RateLimiter listener(BiConsumer<String, Decision> listener) {
    return with(
        new Manner(
            manner.shadow,
            manner.remembers,
            manner.fallback,
            manner.patience,
            manner.closedAfterWipe,
            listener));
  }

  /** {@link #acquire(String, long)} of cost 1. */
  public Decision acquire(String key) {
    return acquire(key, 1);
  }

  /**
   * Asks for a call, and counts it if it is allowed.
   *
   * @param key whom or what to limit; with the name of the limiter before it, at most 1,024 bytes
   * @param cost how many calls it counts as: 1 to what the smallest limit allows at once
   * @throws InvalidArgumentException when an argument is outside; nothing is counted
   * @throws HowdahException when the database does not answer, and the {@link Fallback} is to fail
   */
  public Decision acquire(String key, long cost) {
    return told(key, answer(takes(key, cost)).decision());
  }

  private Told answer(List<Take> takes) {
    Told known = known(takes);
    if (known != null) {
      return known;
    }
    long asked = System.nanoTime();
    Grant grant;
    try {
      grant = ask(takes);
    } catch (HowdahException e) {
      return new Told(0, instead(takes, e));
    }
    return new Told(grant.limit(), decision(takes, grant, asked));
  }

  /**
   * {@link #acquire(String, long)} on several limiters of one Howdah, all or none: what one of them
   * denies is counted by none. One statement.
   *
   * <p>What to answer from memory, when the database is away, and after a wipe is as the first
   * limiter has it; so is {@link #shadow}. Each limiter's {@link #listener} hears the decision.
   *
   * @param requests with at most 100 limits together, of different names or keys
   * @throws InvalidArgumentException when an argument is outside; nothing is counted
   * @throws HowdahException as {@link #acquire(String, long)}
   */
  public static Tightest acquireAll(List<Request> requests, long cost) {
    if (requests.isEmpty()) {
      throw new InvalidArgumentException("requests", "requests: 1 or more expected, got none");
    }
    RateLimiter first = requests.get(0).limiter();
    List<Take> takes = new ArrayList<>();
    List<Integer> owners = new ArrayList<>();
    Set<String> rows = new HashSet<>();
    for (int i = 0; i < requests.size(); i++) {
      for (Take take : requests.get(i).limiter().takes(requests.get(i).key(), cost)) {
        if (!rows.add(take.key())) {
          throw new InvalidArgumentException(
              "requests", "requests: different names or keys expected, got one twice");
        }
        takes.add(take);
        owners.add(i);
      }
    }
    if (takes.size() > 100) {
      throw new InvalidArgumentException(
          "requests", "requests: at most 100 limits expected, got " + takes.size());
    }
    Told told = first.answer(takes);
    for (Request request : requests) {
      var unused = request.limiter().told(request.key(), told.decision());
    }
    return new Tightest(owners.get(told.take()), takes.get(told.take()).limit(), told.decision());
  }

  /**
   * {@link #acquire(String, long)} without waiting. The stage completes on the executor of the
   * Howdah.
   */
  public CompletionStage<Decision> acquireAsync(String key, long cost) {
    List<Take> takes = takes(key, cost);
    Told known = known(takes);
    if (known != null) {
      return CompletableFuture.completedFuture(told(key, known.decision()));
    }
    long asked = System.nanoTime();
    CompletableFuture<Grant> answer = askAsync(takes).toCompletableFuture();
    if (manner.fallback != Fallback.FAIL) {
      answer = answer.orTimeout(manner.patience.toNanos(), TimeUnit.NANOSECONDS);
    }
    return answer.handle((grant, failure) -> {
      if (failure == null) {
        return told(key, decision(takes, grant, asked));
      }
      Throwable cause =
          failure instanceof CompletionException wrapped && wrapped.getCause() != null
              ? wrapped.getCause()
              : failure;
      if (cause instanceof TimeoutException) {
        cause = noAnswer();
      }
      if (cause instanceof HowdahException e) {
        return told(key, instead(takes, e));
      }
      throw new CompletionException(cause);
    });
  }

  /**
   * How a key stands, without counting: {@link Decision#allowed} is whether a call of cost 1 would
   * be. Empty when nothing is counted for it. Of several limits, the tightest.
   */
  public Optional<Decision> peek(String key) {
    Decision tightest = null;
    for (Take take : takes(key, 1)) {
      Grant grant = engine.call(RateLimitOperations.PEEK, take.key());
      if (grant == null) {
        continue;
      }
      Decision one = decision(take.limit(), grant, Decision.Source.DATABASE);
      if (tightest == null
          || one.retryAfter().compareTo(tightest.retryAfter()) > 0
          || (one.retryAfter().equals(tightest.retryAfter())
              && one.remaining() < tightest.remaining())) {
        tightest = one;
      }
    }
    return Optional.ofNullable(tightest);
  }

  /**
   * Gives a call back, such as one that failed before it did anything: at most what is counted in
   * the present window. Whether anything was counted.
   */
  @CanIgnoreReturnValue
  public boolean refund(String key, long cost) {
    boolean any = false;
    for (Take take : takes(key, cost)) {
      any |= engine.call(RateLimitOperations.REFUND, take);
      denials.forget(take.key());
    }
    return any;
  }

  /** Forgets what is counted for a key; whether anything was. */
  @CanIgnoreReturnValue
  public boolean reset(String key) {
    boolean any = false;
    for (Take take : takes(key, 1)) {
      any |= engine.call(RateLimitOperations.RESET, take.key());
      denials.forget(take.key());
    }
    return any;
  }

  private List<Take> takes(String key, long cost) {
    List<Take> takes = new ArrayList<>(limits.size());
    for (RateLimit limit : limits) {
      if (cost < 1 || cost > limit.burst()) {
        throw new InvalidArgumentException(
            "cost", "cost: 1 to " + limit.burst() + " expected, got " + cost);
      }
      String row = limits.size() == 1 ? name + ":" + key : name + ":" + key + ":" + limit.period();
      takes.add(new Take(Arguments.text("key", row, KEY_BYTES), limit, cost, 1));
    }
    return takes;
  }

  /** What needs no question. */
  private @Nullable Told known(List<Take> takes) {
    if (manner.closedAfterWipe) {
      for (int i = 0; i < takes.size(); i++) {
        RateLimit limit = takes.get(i).limit();
        Duration left = denials.leftAfterWipe(limit.period());
        if (!left.isZero()) {
          return new Told(
              i, seen(new Decision(false, limit.maxCalls(), 0, left, left, Decision.Source.WIPE)));
        }
      }
    }
    if (!manner.remembers) {
      return null;
    }
    for (int i = 0; i < takes.size(); i++) {
      Take take = takes.get(i);
      Decision denied = denials.find(take.key(), take.limit(), take.cost());
      if (denied != null) {
        return new Told(i, seen(denied));
      }
    }
    return null;
  }

  private Grant ask(List<Take> takes) {
    if (manner.fallback == Fallback.FAIL) {
      return takes.size() == 1
          ? engine.call(RateLimitOperations.TAKE, takes.get(0))
          : engine.call(RateLimitOperations.TAKE_ALL, takes);
    }
    try {
      Future<Grant> answer =
          takes.size() == 1
              ? engine.callAwaited(RateLimitOperations.TAKE, takes.get(0))
              : engine.callAwaited(RateLimitOperations.TAKE_ALL, takes);
      return answer.get(manner.patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw noAnswer();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HowdahException failure) {
        throw failure;
      }
      throw new HowdahException(ErrorCode.DATABASE, "rate_limit: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallFailedException(
          ErrorCode.INTERRUPTED,
          CallFailedException.Outcome.UNKNOWN,
          "rate_limit: the thread was interrupted while it waited",
          e);
    }
  }

  private CompletionStage<Grant> askAsync(List<Take> takes) {
    return takes.size() == 1
        ? engine.callAsync(RateLimitOperations.TAKE, takes.get(0))
        : engine.callAsync(RateLimitOperations.TAKE_ALL, takes);
  }

  private CallFailedException noAnswer() {
    return new CallFailedException(
        ErrorCode.TIMEOUT,
        CallFailedException.Outcome.UNKNOWN,
        "rate_limit: no answer from Postgres within " + manner.patience,
        null);
  }

  private Decision decision(List<Take> takes, Grant grant, long askedNanos) {
    Take take = takes.get(grant.limit());
    if (grant.granted() == 0 && manner.remembers) {
      denials.note(take.key(), take.limit(), take.cost(), grant, askedNanos);
    }
    return seen(decision(take.limit(), grant, Decision.Source.DATABASE));
  }

  private static Decision decision(RateLimit limit, Grant grant, Decision.Source source) {
    return new Decision(
        grant.granted() > 0,
        limit.maxCalls(),
        grant.remaining(),
        Duration.ofNanos(grant.granted() > 0 ? 0 : grant.retryMicros() * 1_000),
        Duration.ofNanos(grant.resetMicros() * 1_000),
        source);
  }

  /** As it is told to the caller. */
  private Decision seen(Decision decision) {
    return decision.allowed() || !manner.shadow
        ? decision
        : new Decision(
            true,
            decision.maxCalls(),
            decision.remaining(),
            decision.retryAfter(),
            decision.resetAfter(),
            Decision.Source.SHADOW);
  }

  private Decision instead(List<Take> takes, HowdahException failure) {
    boolean away =
        switch (failure.code()) {
          case TIMEOUT, UNAVAILABLE, LOCKED, CONFLICT, DATABASE, STANDBY -> true;
          default -> false;
        };
    if (!away || manner.fallback == Fallback.FAIL) {
      throw failure;
    }
    RateLimit limit = takes.get(0).limit();
    return seen(
        new Decision(
            manner.fallback == Fallback.OPEN,
            limit.maxCalls(),
            0,
            manner.fallback == Fallback.OPEN ? Duration.ZERO : manner.patience,
            Duration.ZERO,
            Decision.Source.UNAVAILABLE));
  }

  @CanIgnoreReturnValue
  private Decision told(String key, Decision decision) {
    manner.listener.accept(key, decision);
    return decision;
  }
}
