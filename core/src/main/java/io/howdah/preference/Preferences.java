package io.howdah.preference;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.CallFailedException;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.Engine;
import io.howdah.near.NearSettings;
import io.howdah.preference.PreferenceOperation.Change;
import io.howdah.preference.PreferenceOperation.Owner;
import io.howdah.preference.PreferenceOperation.Place;
import java.util.List;

/**
 * Preferences of users, and the layers below them: what holds for a group, for everybody, and the
 * defaults in the code. Thread-safe, cheap to make, nothing to close.
 *
 * <pre>{@code
 * static final PreferenceKey<Theme> THEME = PreferenceKey.of("theme", Theme.class, Theme.LIGHT);
 *
 * preferences.set("ann", THEME, Theme.DARK);
 * Theme own = preferences.get("ann", THEME);
 * PreferenceValue<Theme> theme = preferences.effective("ann", "staff").get(THEME);
 * }</pre>
 *
 * <p>Writing one key leaves the others as they are, whoever writes at the same time. What was
 * acknowledged survives a crash.
 *
 * <p>User ids have 1 to 1,024 bytes, groups 1 to 256, values at most 64 KiB of JSON; a user or a
 * layer has at most 1,000 keys and 1 MiB.
 *
 * <p>All methods throw {@link InvalidArgumentException} for arguments outside these limits, all but
 * the last two before anything is sent; {@link CallFailedException} when there was no answer, which
 * says whether a write may have happened; {@link HowdahException} with {@link
 * io.howdah.ErrorCode#CODEC} when a value cannot be made JSON of. A stored value that is none of
 * its key's type is no exception: the default counts.
 */
public final class Preferences {
  private final PreferenceShape shape;
  private final PreferenceCalls calls;

  /** Use {@code Howdah.preferences} or {@code Transaction.preferences}. */
  public Preferences(PreferenceShape shape, PreferenceCalls calls) {
    this.shape = shape;
    this.calls = calls;
  }

  /**
   * Keeps what users, groups and the system have set in the heap of this process, from now on and
   * for all {@code howdah.preferences()}: docs/near-cache.md says what that promises. {@link #get}
   * and {@link #effective} look there first; {@code all} and {@link #find} ask the database. Inside
   * a transaction it does nothing. Call it once, when the application starts.
   *
   * <p>Changes by others are seen when their notification comes, where {@link #notifyChanges} has
   * been called; otherwise, and while nothing can be heard, after {@link
   * NearSettings#maxStaleness}.
   *
   * @param settings how many users, groups and the system are kept, and for how long
   * @return these preferences
   * @throws InvalidArgumentException when there is a near cache with other settings
   */
  @CanIgnoreReturnValue
  public Preferences near(NearSettings settings) {
    calls.open(settings);
    return this;
  }

  /**
   * Has all changes of preferences, by whoever makes them, notify the near caches of all processes,
   * or not. That costs each of them a notification, whose commit takes a lock that all share who
   * notify.
   *
   * @return whether that is new
   */
  @CanIgnoreReturnValue
  public boolean notifyChanges(boolean enabled) {
    return calls.here().call(PreferenceOperation.NOTIFY, enabled);
  }

  /**
   * The same operations without waiting.
   *
   * @throws InvalidArgumentException in a joined transaction, which is one connection
   */
  public AsyncPreferences async() {
    Engine engine = calls.here().engine();
    if (engine == null) {
      throw new InvalidArgumentException(
          "async", "async: not inside a transaction: its connection does one thing at a time");
    }
    return new AsyncPreferences(shape, calls, engine);
  }

  /**
   * What the user has set himself, or the key's default: layers are not asked, {@link #effective}
   * does that.
   */
  public <V> V get(String userId, PreferenceKey<V> key) {
    return shape.valueOrDefault(
        key, calls.here().get(PreferenceShape.place(PreferenceShape.user(userId), key)));
  }

  /** Sets one preference of a user. */
  public <V> void set(String userId, PreferenceKey<V> key, V value) {
    done(write(PreferenceOperation.SET, shape.change(PreferenceShape.user(userId), key, value)));
  }

  /**
   * Takes one preference of a user away, so that the layers below count.
   *
   * @return false when he had none
   */
  @CanIgnoreReturnValue
  public boolean unset(String userId, PreferenceKey<?> key) {
    return unset(
        PreferenceOperation.UNSET, PreferenceShape.place(PreferenceShape.user(userId), key));
  }

  /** All that the user has set himself, in the order of the keys. */
  public List<Preference> all(String userId) {
    return calls.here().all(PreferenceShape.user(userId));
  }

  /**
   * Forgets all that a user has set, for ever.
   *
   * @return false when there was nothing
   */
  @CanIgnoreReturnValue
  public boolean forget(String userId) {
    return forget(PreferenceOperation.FORGET, PreferenceShape.user(userId));
  }

  /**
   * What holds for a user: his own, over that of his groups, over that of the system.
   *
   * @param groups from the general to the particular: the later one wins
   */
  public EffectivePreferences effective(String userId, String... groups) {
    return effective(userId, List.of(groups));
  }

  /** {@link #effective(String, String...)} of a list. */
  public EffectivePreferences effective(String userId, List<String> groups) {
    return new EffectivePreferences(
        shape, calls.here().effective(PreferenceShape.question(userId, groups)));
  }

  /**
   * Who has set a preference to this value himself, in the order of the ids. Without the index that
   * {@code preference_index} makes on request, it reads the table until the page is full.
   *
   * @param after only ids behind this one, to go on after a page; empty for the first
   * @param maxRows 1 to 1,000
   * @return the ids; fewer than {@code maxRows} at the end
   */
  public <V> List<String> find(PreferenceKey<V> key, V value, String after, int maxRows) {
    return calls.here().call(PreferenceOperation.FIND, shape.search(key, value, after, maxRows));
  }

  /** Sets what holds for everybody who, and whose groups, have set nothing else. */
  public <V> void setSystem(PreferenceKey<V> key, V value) {
    done(write(PreferenceOperation.SYSTEM_SET, shape.change(Owner.SYSTEM, key, value)));
  }

  /** Takes away what holds for everybody; false when there was nothing. */
  @CanIgnoreReturnValue
  public boolean unsetSystem(PreferenceKey<?> key) {
    return unset(PreferenceOperation.SYSTEM_UNSET, PreferenceShape.place(Owner.SYSTEM, key));
  }

  /** All that holds for everybody, in the order of the keys. */
  public List<Preference> allSystem() {
    return calls.here().all(Owner.SYSTEM);
  }

  /** Sets what holds for a group. */
  public <V> void setGroup(String group, PreferenceKey<V> key, V value) {
    done(
        write(
            PreferenceOperation.GROUP_SET, shape.change(PreferenceShape.group(group), key, value)));
  }

  /** Takes away what holds for a group; false when there was nothing. */
  @CanIgnoreReturnValue
  public boolean unsetGroup(String group, PreferenceKey<?> key) {
    return unset(
        PreferenceOperation.GROUP_UNSET, PreferenceShape.place(PreferenceShape.group(group), key));
  }

  /** All that holds for a group, in the order of the keys. */
  public List<Preference> allGroup(String group) {
    return calls.here().all(PreferenceShape.group(group));
  }

  /** Forgets all that holds for a group; false when there was nothing. */
  @CanIgnoreReturnValue
  public boolean forgetGroup(String group) {
    return forget(PreferenceOperation.GROUP_FORGET, PreferenceShape.group(group));
  }

  private boolean write(PreferenceOperation<Change, Boolean> operation, Change change) {
    return calls.here().write(operation, change.owner(), change);
  }

  private boolean unset(PreferenceOperation<Place, Boolean> operation, Place place) {
    return calls.here().write(operation, place.owner(), place);
  }

  private boolean forget(PreferenceOperation<Owner, Boolean> operation, Owner owner) {
    return calls.here().write(operation, owner, owner);
  }

  private static void done(boolean answered) {
    assert answered;
  }
}
