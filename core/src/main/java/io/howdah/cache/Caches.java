package io.howdah.cache;

import io.howdah.Arguments;
import io.howdah.cache.CacheOperations.Bound;
import io.howdah.engine.Caller;
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
  private final Caller caller;

  /** Use {@code Howdah.caches}. */
  public Caches(Caller caller) {
    this.caller = caller;
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

  /** Both bounds, of which each may be absent. */
  public void limit(String name, OptionalLong maxEntries, OptionalLong maxBytes) {
    maxEntries.ifPresent(most -> check("maxEntries", most));
    maxBytes.ifPresent(most -> check("maxBytes", most));
    boolean done =
        caller.call(CacheOperations.BOUND, new Bound(CacheShape.name(name), maxEntries, maxBytes));
    assert done;
  }

  private static void check(String argument, long most) {
    long checked = Arguments.positive(argument, most);
    assert checked > 0;
  }

  /** The caches that have entries or bounds, by name, with sizes as old as the sweeper's look. */
  public List<CacheInfo> list() {
    return caller.call(CacheOperations.LIST, true);
  }
}
