package io.howdah.config;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.CallFailedException;
import io.howdah.Codec;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.Subscription;
import io.howdah.config.ConfigOperation.Change;
import io.howdah.config.ConfigOperation.Place;
import io.howdah.engine.Caller;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The configuration values of a namespace: typed, checked, pushed to every process, with a history.
 * Thread-safe, cheap to make, nothing to close.
 *
 * <pre>{@code
 * static final ConfigKey<Integer> MAX_ITEMS =
 *     ConfigKey.of("max-items", Integer.class, 50).validatedBy(n -> n > 0, "more than 0");
 *
 * Config config = howdah.config("shop");
 * int max = config.get(MAX_ITEMS);
 * config.set(MAX_ITEMS, 100, "ann", "the summer sale");
 * }</pre>
 *
 * <p>Values are read from a snapshot in this process, without any call; only the first use reads
 * it, and throws when it cannot. A change is seen by this process when the call that made it
 * returns, by others when its notification arrives, or, where none can be heard, within the poll
 * interval. While the database is away, the last snapshot goes on.
 *
 * <p>In a transaction of the caller's, changes and the history work inside it; values are read from
 * the same snapshot as outside, which has the changes when {@code Howdah.transaction} returns.
 *
 * <p>All methods that call the database throw {@link InvalidArgumentException} for arguments
 * outside their limits, before anything is sent, and {@link CallFailedException} when there was no
 * answer, which says whether a change may have happened.
 */
public final class Config {
  private final ConfigStore store;
  private final Caller caller;
  private final Runnable changed;

  /**
   * Use {@code Howdah.config} or {@code Transaction.config}.
   *
   * @param changed run after each change
   */
  public Config(ConfigStore store, Caller caller, Runnable changed) {
    this.store = store;
    this.caller = caller;
    this.changed = changed;
  }

  /**
   * The value, or the key's default where none is stored, or none that the key allows.
   *
   * @throws HowdahException when it is the first use, and the database does not answer
   */
  public <V> V get(ConfigKey<V> key) {
    return read(key).value();
  }

  /** {@link #get} with where the value comes from. */
  public <V> ConfigValue<V> read(ConfigKey<V> key) {
    return store.current().value(key);
  }

  /**
   * Sets a value.
   *
   * @param changedBy who does so: 1 to 256 bytes
   * @param reason why: at most 4,096 bytes; null or empty when there is nothing to say
   * @return the revision of this change
   * @throws InvalidArgumentException when the value does not pass the key's check, or takes more
   *     than 64 KiB of JSON; nothing was sent. Also when the namespace has 10,000 keys already
   */
  @CanIgnoreReturnValue
  public <V> long set(ConfigKey<V> key, V value, String changedBy, @Nullable String reason) {
    key.check(value);
    String json =
        Objects.requireNonNull(Codec.<V>json(store.mapper(), key.type()).encode(value).json());
    long revision =
        caller.call(ConfigOperation.SET, change(key, ConfigLimits.json(json), changedBy, reason));
    changed.run();
    return revision;
  }

  /**
   * Takes a value away, so that the default counts; its history stays.
   *
   * @return false when there was none
   */
  @CanIgnoreReturnValue
  public boolean unset(ConfigKey<?> key, String changedBy, @Nullable String reason) {
    boolean done = caller.call(ConfigOperation.UNSET, change(key, "", changedBy, reason));
    changed.run();
    return done;
  }

  private Change change(ConfigKey<?> key, String json, String changedBy, @Nullable String reason) {
    return new Change(
        store.namespace,
        key.name(),
        json,
        ConfigLimits.changedBy(changedBy),
        ConfigLimits.reason(reason));
  }

  /** The last 1,000 changes of a value, the last one first. */
  public List<ConfigChange> history(ConfigKey<?> key) {
    return caller.call(ConfigOperation.HISTORY, new Place(store.namespace, key.name()));
  }

  /**
   * Tells {@code listener} when the value of a key has become another one in this process, until
   * the subscription is closed: on the executor of the Howdah, one event after the other. What it
   * throws is logged.
   */
  @CanIgnoreReturnValue
  public <V> Subscription onChange(ConfigKey<V> key, Consumer<ConfigEvent<V>> listener) {
    return store.listen(key, listener);
  }

  /**
   * Asks the database now. What was committed before the call is seen after it.
   *
   * @throws HowdahException when the database does not answer
   */
  public void refresh() {
    store.refresh();
  }
}
