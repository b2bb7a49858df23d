package io.howdah.config;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.CallFailedException;
import io.howdah.InvalidArgumentException;
import io.howdah.config.ConfigOperation.Change;
import io.howdah.config.ConfigOperation.Page;
import io.howdah.config.ConfigOperation.Place;
import io.howdah.engine.Caller;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The configuration values of all namespaces, as JSON: for tools that know neither their keys nor
 * their types. Thread-safe, cheap to make, nothing to close. Programs that use the values have a
 * {@link Config}.
 *
 * <p>Each call asks the database, and keeps nothing. Keys have no type here, so a value is checked
 * by nobody but its readers, for whom one that they do not allow counts as the default.
 *
 * <p>A namespace has 1 to 64 bytes, a key 1 to 256. All methods throw {@link
 * InvalidArgumentException} for arguments outside their limits, before anything is sent, and {@link
 * CallFailedException} when there was no answer, which says whether a change may have happened.
 */
public final class Configs {
  private static final int MOST_ROWS = 200;

  private final Caller caller;
  private final Consumer<String> changed;

  /**
   * Use {@code Howdah.configs} or {@code Transaction.configs}.
   *
   * @param changed told the namespace after each change
   */
  public Configs(Caller caller, Consumer<String> changed) {
    this.caller = caller;
    this.changed = changed;
  }

  /**
   * Values in the order of the bytes of their keys.
   *
   * @param after the last key of the page before, or an empty text
   * @param maxRows 1 to 200: a page of that many has at most 12.5 MiB
   */
  public List<ConfigEntry> list(String namespace, String after, int maxRows) {
    if (maxRows < 1 || maxRows > MOST_ROWS) {
      throw new InvalidArgumentException(
          "maxRows", "maxRows: 1 to " + MOST_ROWS + " expected, got " + maxRows);
    }
    return caller.call(
        ConfigOperation.PAGE,
        new Page(
            ConfigLimits.namespace(namespace),
            after.isEmpty() ? after : ConfigLimits.key("after", after),
            maxRows));
  }

  /** One value; empty when none is stored. */
  public Optional<ConfigEntry> get(String namespace, String key) {
    return caller.call(ConfigOperation.GET, place(namespace, key));
  }

  /**
   * Sets a value.
   *
   * @param json at most 64 KiB
   * @param changedBy who does so: 1 to 256 bytes
   * @param reason why: at most 4,096 bytes; null or empty when there is nothing to say
   * @return the revision of this change
   * @throws InvalidArgumentException also when the namespace has 10,000 keys already
   */
  @CanIgnoreReturnValue
  public long set(
      String namespace, String key, String json, String changedBy, @Nullable String reason) {
    long revision =
        caller.call(
            ConfigOperation.SET,
            change(namespace, key, ConfigLimits.json(json), changedBy, reason));
    changed.accept(namespace);
    return revision;
  }

  /**
   * Takes a value away, so that the default counts; its history stays.
   *
   * @return false when there was none
   */
  @CanIgnoreReturnValue
  public boolean unset(String namespace, String key, String changedBy, @Nullable String reason) {
    boolean done =
        caller.call(ConfigOperation.UNSET, change(namespace, key, "", changedBy, reason));
    changed.accept(namespace);
    return done;
  }

  private static Change change(
      String namespace, String key, String json, String changedBy, @Nullable String reason) {
    return new Change(
        ConfigLimits.namespace(namespace),
        ConfigLimits.key("key", key),
        json,
        ConfigLimits.changedBy(changedBy),
        ConfigLimits.reason(reason));
  }

  /** The last 1,000 changes of a value, the last one first, also when it was taken away. */
  public List<ConfigChange> history(String namespace, String key) {
    return caller.call(ConfigOperation.HISTORY, place(namespace, key));
  }

  private static Place place(String namespace, String key) {
    return new Place(ConfigLimits.namespace(namespace), ConfigLimits.key("key", key));
  }
}
