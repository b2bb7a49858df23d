package io.howdah.kv;

import io.howdah.Durability;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a namespace keeps its values.
 *
 * @param durability what a crash of Postgres takes
 * @param searchable whether {@link KeyValueStore#find} works; such values live in a logged table,
 *     so an ephemeral one becomes relaxed
 * @param defaultTtl the time to live of values that are set without one; null for none
 * @param maxEntries how many values there may be; null for no bound
 * @param maxBytes how many bytes they may take; null for no bound
 * @param onFull what happens at a bound
 */
public record NamespaceSettings(
    Durability durability,
    boolean searchable,
    @Nullable Duration defaultTtl,
    @Nullable Long maxEntries,
    @Nullable Long maxBytes,
    OnFull onFull) {

  /** What happens when a namespace is full. */
  public enum OnFull {
    /** The values that are used least give way. */
    EVICT,
    /** New keys fail with {@link io.howdah.ErrorCode#NAMESPACE_FULL}, others can be overwritten. */
    REFUSE
  }

  public static NamespaceSettings of(Durability durability) {
    return new NamespaceSettings(durability, false, null, null, null, OnFull.EVICT);
  }

  public NamespaceSettings asSearchable() {
    return new NamespaceSettings(durability, true, defaultTtl, maxEntries, maxBytes, onFull);
  }

  public NamespaceSettings withDefaultTtl(Duration ttl) {
    return new NamespaceSettings(durability, searchable, ttl, maxEntries, maxBytes, onFull);
  }

  public NamespaceSettings withMaxEntries(long entries) {
    return new NamespaceSettings(durability, searchable, defaultTtl, entries, maxBytes, onFull);
  }

  /** Bytes as they are stored, compressed, and 100 for each value. */
  public NamespaceSettings withMaxBytes(long bytes) {
    return new NamespaceSettings(durability, searchable, defaultTtl, maxEntries, bytes, onFull);
  }

  public NamespaceSettings whenFull(OnFull onFull) {
    return new NamespaceSettings(durability, searchable, defaultTtl, maxEntries, maxBytes, onFull);
  }
}
