package io.howdah.near;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.howdah.stats.NearStats;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What this process keeps of one namespace, or one cache. No read returns a value that is older
 * than one which this process has read or written before.
 *
 * <p>A value has one or more scopes, numbers by which changes are told: its key, and where it is
 * evicted by them, its tags. Scopes share stripes. Each change that is heard of, and each write of
 * this process when it is submitted and when it is over, puts the next stamp of a clock on its
 * stripe. A reader remembers the clock before it asks the database; its answer is kept, and given,
 * while no stripe of the value has a later stamp. Nor is it kept when a write to them is under way,
 * or another answer has come in between, which may have been newer.
 *
 * @param <S> what is kept of a value
 */
public final class NearCache<S> {
  /**
   * Also what notifications keep fresh is read again after this: it bounds the harm of whoever
   * changes the tables past the functions.
   */
  private static final long PUSHED_NANOS = Duration.ofMinutes(1).toNanos();

  /** In characters or bytes of a value: with this many, the number of entries bounds the memory. */
  private static final int MOST_SIZE = 64 << 10;

  /** So many stripes for each entry: a change takes away few others. */
  private static final int STRIPES_PER_ENTRY = 4;

  /**
   * What the database has answered.
   *
   * @param version a later value of the same key has a larger one; 0 for none, which any may follow
   * @param size in characters or bytes
   * @param scopes of the value, of which one is that of its key
   * @param endsAfterMicros from when it was asked; null for one without an end
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Answer<S>(
      S stored, long version, int size, long[] scopes, @Nullable Long endsAfterMicros) {}

  /**
   * A value, and while what it may be given.
   *
   * @param pushed whether its changes have been notified since before it was read
   * @param endsAfterNanos after {@code readAt}; negative for one without an end
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Kept<S>(
      S stored,
      long version,
      int[] stripes,
      long epoch,
      long stamp,
      boolean pushed,
      long readAt,
      long endsAfterNanos) {}

  /** What a reader remembers before it asks the database. */
  public record Ticket(
      int stripe, long epoch, long stamp, long answer, boolean pushed, long askedAt) {}

  private final String kind;
  final String name;
  final NearSettings settings;
  private final LongPredicate live;
  private final Cache<String, Kept<S>> kept;
  private final long stalenessNanos;

  private final int mask;
  private final AtomicLong clock = new AtomicLong();
  private final AtomicLongArray stamps;
  private final AtomicLongArray answers;
  private final AtomicIntegerArray writes;

  /** Raised when anything may have changed. */
  private final AtomicLong epoch = new AtomicLong();

  /** How often it has become unknown whether changes are notified, */
  private final AtomicLong switches = new AtomicLong();

  /** and the last of these times after which the registry said that they are; -1 for never. */
  private final AtomicLong switchedOn = new AtomicLong(-1);

  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  /**
   * Empty.
   *
   * @param live whether notifications come, at a time of {@link System#nanoTime}
   */
  NearCache(String kind, String name, NearSettings settings, LongPredicate live) {
    this.kind = kind;
    this.name = name;
    this.settings = settings;
    this.live = live;
    this.stalenessNanos = settings.maxStaleness().toNanos();
    // What is too old stays until it is read again or gives way: to expire here costs each hit.
    this.kept = Caffeine.newBuilder().maximumSize(settings.maxEntries()).build();
    long wanted = (long) settings.maxEntries() * STRIPES_PER_ENTRY;
    int stripes = Integer.highestOneBit((int) Math.min(1 << 20, Math.max(1 << 10, wanted)));
    this.mask = stripes - 1;
    this.stamps = new AtomicLongArray(stripes);
    this.answers = new AtomicLongArray(stripes);
    this.writes = new AtomicIntegerArray(stripes);
  }

  /** The value, if it is kept and may be given; null also for one that is absent. */
  public @Nullable S get(String key) {
    Kept<S> found = kept.getIfPresent(key);
    if (found != null && mayBeGiven(found)) {
      hits.increment();
      return found.stored;
    }
    misses.increment();
    return null;
  }

  private boolean mayBeGiven(Kept<S> found) {
    if (!isCurrent(found)) {
      return false;
    }
    long now = System.nanoTime();
    long age = now - found.readAt;
    return (found.endsAfterNanos < 0 || age < found.endsAfterNanos)
        && (age <= stalenessNanos || (found.pushed && age <= PUSHED_NANOS && live.test(now)));
  }

  private boolean isCurrent(Kept<S> found) {
    return found.epoch == epoch.get() && isUnchanged(found.stripes, found.stamp);
  }

  private boolean isUnchanged(int[] stripes, long since) {
    for (int stripe : stripes) {
      if (stamps.get(stripe) > since) {
        return false;
      }
    }
    return true;
  }

  /** Before the database is asked for the value of the key with this scope. */
  public Ticket ask(long scope) {
    int stripe = stripe(scope);
    // The time comes first: what the answer says of the value's end counts from then.
    long now = System.nanoTime();
    boolean pushed = isPushed(now);
    return new Ticket(stripe, epoch.get(), clock.get(), answers.get(stripe), pushed, now);
  }

  /** The database has answered: null when the value is absent. */
  public void answered(String key, Ticket ticket, @Nullable Answer<S> answer) {
    Kept<S> unused =
        kept.asMap().compute(key, (k, old) -> afterAnswer(ticket, answer, current(old)));
  }

  private @Nullable Kept<S> afterAnswer(
      Ticket ticket, @Nullable Answer<S> answer, @Nullable Kept<S> old) {
    boolean first = ticket.answer == answers.get(ticket.stripe);
    answers.incrementAndGet(ticket.stripe);
    if (answer == null) {
      return null;
    }
    int[] stripes = new int[answer.scopes.length];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = stripe(answer.scopes[i]);
    }
    boolean still =
        first
            && ticket.epoch == epoch.get()
            && isUnchanged(stripes, ticket.stamp)
            && !isWritten(stripes);
    if (!still && old != null && answer.version != 0 && old.version >= answer.version) {
      return old;
    }
    boolean isOver = answer.endsAfterMicros != null && answer.endsAfterMicros <= 0;
    if (!still || isOver || answer.size > MOST_SIZE) {
      return null;
    }
    return new Kept<>(
        answer.stored,
        answer.version,
        stripes,
        ticket.epoch,
        ticket.stamp,
        ticket.pushed,
        ticket.askedAt,
        answer.endsAfterMicros == null ? -1 : nanos(answer.endsAfterMicros));
  }

  private boolean isWritten(int[] stripes) {
    for (int stripe : stripes) {
      if (writes.get(stripe) != 0) {
        return true;
      }
    }
    return false;
  }

  private static long nanos(long micros) {
    return micros > Long.MAX_VALUE / 1_000 ? Long.MAX_VALUE : micros * 1_000;
  }

  private @Nullable Kept<S> current(@Nullable Kept<S> old) {
    return old != null && isCurrent(old) ? old : null;
  }

  /** This process has seen a version of a value without asking for it here; 0 that it is absent. */
  public void seen(String key, long scope, long version) {
    int stripe = stripe(scope);
    Kept<S> unused =
        kept.asMap()
            .compute(
                key,
                (k, old) -> {
                  answers.incrementAndGet(stripe);
                  Kept<S> current = current(old);
                  return current != null && version != 0 && current.version >= version
                      ? current
                      : null;
                });
  }

  /** A write of this process to what has this scope is submitted; {@link #written} follows. */
  void writing(long scope) {
    // In this order: whoever sees the new stamp sees the write too.
    writes.incrementAndGet(stripe(scope));
    changed(scope);
  }

  /** It is over, with whatever outcome. */
  void written(long scope) {
    changed(scope);
    writes.decrementAndGet(stripe(scope));
  }

  /**
   * Somebody may have changed what has this scope. Whoever remembers the clock after this was
   * called asks the database after the change.
   */
  void changed(long scope) {
    stamps.accumulateAndGet(stripe(scope), clock.incrementAndGet(), Math::max);
  }

  /** Anything may have changed. */
  void clear() {
    epoch.incrementAndGet();
    kept.invalidateAll();
  }

  /** Whether changes are notified is not known any more; a token for {@link #learn}. */
  long forget() {
    return switches.incrementAndGet();
  }

  boolean isLatest(long token) {
    return token == switches.get();
  }

  /** The registry has said that they are, asked after {@link #forget} gave this token. */
  void learn(long token) {
    switchedOn.accumulateAndGet(token, Math::max);
  }

  NearStats stats() {
    return new NearStats(
        kind, name, hits.sum(), misses.sum(), kept.estimatedSize(), isPushed(System.nanoTime()));
  }

  private boolean isPushed(long now) {
    return switchedOn.get() == switches.get() && live.test(now);
  }

  private int stripe(long scope) {
    return (int) scope & mask;
  }
}
