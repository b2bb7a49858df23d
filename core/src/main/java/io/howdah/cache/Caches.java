package io.howdah.cache;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Arguments;
import io.howdah.cache.CacheOperations.Bound;
import io.howdah.cache.CacheOperations.Dependency;
import io.howdah.cache.CacheOperations.Switch;
import java.util.List;
import java.util.OptionalLong;

/**
 * Bounds of caches, and their sizes. A cache needs no registration: without bounds of its own it
 * shares one bound with all others that have none, {@code howdah.unregistered_max_bytes} (8 GiB).
 *
 * <p>The methods throw {@link io.howdah.InvalidArgumentException} for arguments outside their
 * limits, before anything is sent, and {@link io.howdah.CallFailedException} when there was no
 * answer.
 */
public final class Caches {
  private final CacheCalls calls;

  /** Use {@code Howdah.caches}. */
  public Caches(CacheCalls calls) {
    this.calls = calls;
  }

  /**
   * Keeps a cache within so many entries; what is used least goes first. The sweeper does it, so it
   * may have more for a while. Takes the place of its bounds until now.
   *
   * @param maxEntries 1 or more
   */
  public void limitEntries(String name, long maxEntries) {
    limit(
        name, OptionalLong.of(Arguments.positive("maxEntries", maxEntries)), OptionalLong.empty());
  }

  /**
   * Keeps a cache within so many bytes, as they are stored, and 100 for each entry: see {@link
   * #limitEntries}.
   *
   * @param maxBytes 1 or more
   */
  public void limitBytes(String name, long maxBytes) {
    limit(name, OptionalLong.empty(), OptionalLong.of(Arguments.positive("maxBytes", maxBytes)));
  }

  /**
   * Both bounds, of which each may be absent; with neither it shares that of all without bounds.
   */
  public void limit(String name, OptionalLong maxEntries, OptionalLong maxBytes) {
    maxEntries.ifPresent(most -> check("maxEntries", most));
    maxBytes.ifPresent(most -> check("maxBytes", most));
    boolean done =
        calls
            .here()
            .call(CacheOperations.BOUND, new Bound(CacheShape.name(name), maxEntries, maxBytes));
    assert done;
  }

  private static void check(String argument, long most) {
    long checked = Arguments.positive(argument, most);
    assert checked > 0;
  }

  /**
   * From now on each committed change of a table, by whatever program, evicts a tag of a cache for
   * each row that it changes, as it was and as it is; together with the change, or not at all.
   * {@code TRUNCATE} evicts the whole cache, as does this call where it is new.
   *
   * <p>It puts triggers on the table, for which the role needs the right {@code TRIGGER}, and locks
   * it for that against writers, for some milliseconds, for which it needs the right to update,
   * delete or truncate. Where the dependency is there already it does nothing, so an application
   * may say it at each start.
   *
   * @param source the table, as SQL names it: {@code public.orders}
   * @param tag with columns in braces, {@code customer:{customer_id}}: of integer, text, uuid,
   *     boolean or enum types. A row where one is NULL has no tag
   * @return whether it was new
   * @throws io.howdah.CallFailedException with {@link io.howdah.ErrorCode#LOCKED} when open
   *     transactions have been writing to the table for 10 seconds
   */
  @CanIgnoreReturnValue
  public boolean dependsOn(String name, String source, String tag) {
    // Where it is new, everything is evicted.
    return calls
        .here()
        .write(
            name,
            CacheCalls.ofAll(name),
            CacheOperations.DEPENDS_ON,
            dependency(name, source, tag));
  }

  /** Takes {@link #dependsOn} back, as the owner of the table; whether it was there. */
  @CanIgnoreReturnValue
  public boolean dropDependency(String name, String source, String tag) {
    return calls.here().call(CacheOperations.DEPENDENCY_DROP, dependency(name, source, tag));
  }

  private static Dependency dependency(String name, String source, String tag) {
    return new Dependency(
        CacheShape.name(name), Arguments.text("source", source, 1_024), CacheShape.tag(tag));
  }

  /** The caches that have entries or bounds, by name, with sizes as old as the sweeper's look. */
  public List<CacheInfo> list() {
    return calls.here().call(CacheOperations.LIST, true);
  }

  /**
   * Has evictions and puts of a cache, by whoever makes them, notify the near caches of all
   * processes, or not. That costs each of them a notification, whose commit takes a lock that all
   * share who notify.
   *
   * @return whether that is new
   */
  @CanIgnoreReturnValue
  public boolean notifyChanges(String name, boolean enabled) {
    return calls.here().call(CacheOperations.NOTIFY, new Switch(CacheShape.name(name), enabled));
  }
}
