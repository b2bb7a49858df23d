package io.howdah.kv;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.howdah.stats.NearStats;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this process keeps of one namespace. No read returns a value that is older than one which
 * this process has read or written before.
 *
 * <p>Keys share stripes. Each change that is heard of, and each write of this process when it is
 * submitted and when it is over, raises the generation of its stripe, which takes away what was
 * kept under the former one. A reader remembers the generations before it asks the database, and
 * its answer is kept only if nothing has moved: no change, no write under way, and no other answer
 * in between, which may have been newer.
 */
final class NearCache {
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
   * A value, and while what it may be given.
   *
   * @param pushed whether its changes have been notified since before it was read
   * @param endsAfterNanos after {@code readAt}; negative for one without an end
   */
  private record Kept(
      Stored stored,
      long epoch,
      int stripe,
      long change,
      boolean pushed,
      long readAt,
      long endsAfterNanos) {}

  /** What a reader remembers before it asks the database. */
  record Ticket(int stripe, long epoch, long change, long answer, boolean pushed, long askedAt) {}

  final String namespace;
  final NearSettings settings;
  private final BooleanSupplier live;
  private final Cache<String, Kept> kept;
  private final long stalenessNanos;

  private final int mask;
  private final AtomicLongArray changes;
  private final AtomicLongArray answers;
  private final AtomicIntegerArray writes;

  /** Raised when anything may have changed. */
  private final AtomicLong epoch = new AtomicLong();

  /** How often it has become unknown whether the namespace notifies, */
  private final AtomicLong switches = new AtomicLong();

  /** and the last of these times after which the registry said that it does; -1 for never. */
  private final AtomicLong switchedOn = new AtomicLong(-1);

  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  /**
   * Empty.
   *
   * @param live whether notifications come
   */
  NearCache(String namespace, NearSettings settings, BooleanSupplier live) {
    this.namespace = namespace;
    this.settings = settings;
    this.live = live;
    this.stalenessNanos = settings.maxStaleness().toNanos();
    this.kept =
        Caffeine.newBuilder()
            .maximumSize(settings.maxEntries())
            .expireAfterWrite(Duration.ofNanos(Math.max(PUSHED_NANOS, stalenessNanos)))
            .build();
    long wanted = (long) settings.maxEntries() * STRIPES_PER_ENTRY;
    int stripes = Integer.highestOneBit((int) Math.min(1 << 20, Math.max(1 << 10, wanted)));
    this.mask = stripes - 1;
    this.changes = new AtomicLongArray(stripes);
    this.answers = new AtomicLongArray(stripes);
    this.writes = new AtomicIntegerArray(stripes);
  }

  /** The value, if it is kept and may be given; null also for one that is absent. */
  @Nullable Stored get(String key) {
    Kept found = kept.getIfPresent(key);
    if (found != null && mayBeGiven(found)) {
      hits.increment();
      return found.stored;
    }
    misses.increment();
    return null;
  }

  private boolean mayBeGiven(Kept found) {
    if (!isCurrent(found)) {
      return false;
    }
    long age = System.nanoTime() - found.readAt;
    return (found.endsAfterNanos < 0 || age < found.endsAfterNanos)
        && (age <= stalenessNanos || (found.pushed && age <= PUSHED_NANOS && live.getAsBoolean()));
  }

  private boolean isCurrent(Kept found) {
    return found.epoch == epoch.get() && found.change == changes.get(found.stripe);
  }

  /** Before the database is asked for a value. */
  Ticket ask(String key) {
    int stripe = stripe(key);
    // The time comes first: what the answer says of the value's end counts from then.
    long now = System.nanoTime();
    boolean pushed = isPushed();
    return new Ticket(stripe, epoch.get(), changes.get(stripe), answers.get(stripe), pushed, now);
  }

  /** The database has answered: null when the value is absent. */
  void answered(String key, Ticket ticket, @Nullable StoredEntry answer) {
    Kept unused = kept.asMap().compute(key, (k, old) -> afterAnswer(ticket, answer, current(old)));
  }

  private @Nullable Kept afterAnswer(
      Ticket ticket, @Nullable StoredEntry answer, @Nullable Kept old) {
    int stripe = ticket.stripe;
    boolean still =
        ticket.epoch == epoch.get()
            && ticket.change == changes.get(stripe)
            && ticket.answer == answers.get(stripe)
            && writes.get(stripe) == 0;
    answers.incrementAndGet(stripe);
    if (answer == null) {
      return null;
    }
    Stored stored = answer.stored();
    if (old != null && old.stored.version() >= stored.version() && !still) {
      return old;
    }
    if (!still || isLarge(stored)) {
      return null;
    }
    Long ttl = answer.ttlMicros();
    return new Kept(
        stored,
        ticket.epoch,
        stripe,
        ticket.change,
        ticket.pushed,
        ticket.askedAt,
        ttl == null ? -1 : nanos(ttl));
  }

  private static long nanos(long micros) {
    return micros > Long.MAX_VALUE / 1_000 ? Long.MAX_VALUE : Math.max(0, micros) * 1_000;
  }

  private static boolean isLarge(Stored stored) {
    String json = stored.json();
    byte[] bytes = stored.bytes();
    return (json == null ? 0 : json.length()) + (bytes == null ? 0 : bytes.length) > MOST_SIZE;
  }

  private @Nullable Kept current(@Nullable Kept old) {
    return old != null && isCurrent(old) ? old : null;
  }

  /** This process has seen a version of a value without asking for it here; 0 that it is absent. */
  void seen(String key, long version) {
    int stripe = stripe(key);
    Kept unused =
        kept.asMap()
            .compute(
                key,
                (k, old) -> {
                  answers.incrementAndGet(stripe);
                  Kept current = current(old);
                  return current != null && version != 0 && current.stored.version() >= version
                      ? current
                      : null;
                });
  }

  /** A write of this process is submitted; the stripe, for {@link #written}. */
  int writing(String key) {
    int stripe = stripe(key);
    // In this order: whoever sees the new generation sees the write too.
    writes.incrementAndGet(stripe);
    changes.incrementAndGet(stripe);
    return stripe;
  }

  /** It is over, with whatever outcome. */
  void written(int stripe) {
    changes.incrementAndGet(stripe);
    writes.decrementAndGet(stripe);
  }

  /** Somebody may have changed the value of this key. */
  void changed(String key) {
    changes.incrementAndGet(stripe(key));
  }

  /** Somebody has changed the value of a key with this hash. */
  void changed(long hash) {
    changes.incrementAndGet((int) hash & mask);
  }

  /** Anything may have changed. */
  void clear() {
    epoch.incrementAndGet();
    kept.invalidateAll();
  }

  /** Whether the namespace notifies is not known any more; a token for {@link #learn}. */
  long forget() {
    return switches.incrementAndGet();
  }

  boolean isLatest(long token) {
    return token == switches.get();
  }

  /** The registry has said that it notifies, asked after {@link #forget} gave this token. */
  void learn(long token) {
    switchedOn.accumulateAndGet(token, Math::max);
  }

  NearStats stats() {
    return new NearStats(namespace, hits.sum(), misses.sum(), kept.estimatedSize(), isPushed());
  }

  private boolean isPushed() {
    return switchedOn.get() == switches.get() && live.getAsBoolean();
  }

  private int stripe(String key) {
    return (int) NearHash.of(namespace, key) & mask;
  }
}
