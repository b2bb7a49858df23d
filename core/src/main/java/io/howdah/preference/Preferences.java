package io.howdah.preference;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.CallFailedException;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.Caller;
import io.howdah.engine.Engine;
import io.howdah.preference.PreferenceOperation.Owner;
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
  private final Caller caller;

  /** Use {@code Howdah.preferences} or {@code Transaction.preferences}. */
  public Preferences(PreferenceShape shape, Caller caller) {
    this.shape = shape;
    this.caller = caller;
  }

  /**
   * The same operations without waiting.
   *
   * @throws InvalidArgumentException in a joined transaction, which is one connection
   */
  public AsyncPreferences async() {
    if (!(caller instanceof Engine engine)) {
      throw new InvalidArgumentException(
          "async", "async: not inside a transaction: its connection does one thing at a time");
    }
    return new AsyncPreferences(shape, engine);
  }

  /**
   * What the user has set himself, or the key's default: layers are not asked, {@link #effective}
   * does that.
   */
  public <V> V get(String userId, PreferenceKey<V> key) {
    return shape.valueOrDefault(
        key,
        caller.call(
            PreferenceOperation.GET, PreferenceShape.place(PreferenceShape.user(userId), key)));
  }

  /** Sets one preference of a user. */
  public <V> void set(String userId, PreferenceKey<V> key, V value) {
    done(
        caller.call(
            PreferenceOperation.SET, shape.change(PreferenceShape.user(userId), key, value)));
  }

  /**
   * Takes one preference of a user away, so that the layers below count.
   *
   * @return false when he had none
   */
  @CanIgnoreReturnValue
  public boolean unset(String userId, PreferenceKey<?> key) {
    return caller.call(
        PreferenceOperation.UNSET, PreferenceShape.place(PreferenceShape.user(userId), key));
  }

  /** All that the user has set himself, in the order of the keys. */
  public List<Preference> all(String userId) {
    return caller.call(PreferenceOperation.ALL, PreferenceShape.user(userId));
  }

  /**
   * Forgets all that a user has set, for ever.
   *
   * @return false when there was nothing
   */
  @CanIgnoreReturnValue
  public boolean forget(String userId) {
    return caller.call(PreferenceOperation.FORGET, PreferenceShape.user(userId));
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
        shape,
        caller.call(PreferenceOperation.EFFECTIVE, PreferenceShape.question(userId, groups)));
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
    return caller.call(PreferenceOperation.FIND, shape.search(key, value, after, maxRows));
  }

  /** Sets what holds for everybody who, and whose groups, have set nothing else. */
  public <V> void setSystem(PreferenceKey<V> key, V value) {
    done(caller.call(PreferenceOperation.SYSTEM_SET, shape.change(Owner.SYSTEM, key, value)));
  }

  /** Takes away what holds for everybody; false when there was nothing. */
  @CanIgnoreReturnValue
  public boolean unsetSystem(PreferenceKey<?> key) {
    return caller.call(PreferenceOperation.SYSTEM_UNSET, PreferenceShape.place(Owner.SYSTEM, key));
  }

  /** All that holds for everybody, in the order of the keys. */
  public List<Preference> allSystem() {
    return caller.call(PreferenceOperation.SYSTEM_ALL, Owner.SYSTEM);
  }

  /** Sets what holds for a group. */
  public <V> void setGroup(String group, PreferenceKey<V> key, V value) {
    done(
        caller.call(
            PreferenceOperation.GROUP_SET, shape.change(PreferenceShape.group(group), key, value)));
  }

  /** Takes away what holds for a group; false when there was nothing. */
  @CanIgnoreReturnValue
  public boolean unsetGroup(String group, PreferenceKey<?> key) {
    return caller.call(
        PreferenceOperation.GROUP_UNSET, PreferenceShape.place(PreferenceShape.group(group), key));
  }

  /** All that holds for a group, in the order of the keys. */
  public List<Preference> allGroup(String group) {
    return caller.call(PreferenceOperation.GROUP_ALL, PreferenceShape.group(group));
  }

  /** Forgets all that holds for a group; false when there was nothing. */
  @CanIgnoreReturnValue
  public boolean forgetGroup(String group) {
    return caller.call(PreferenceOperation.GROUP_FORGET, PreferenceShape.group(group));
  }

  private static void done(boolean answered) {
    assert answered;
  }
}
