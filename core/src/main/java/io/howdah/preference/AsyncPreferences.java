package io.howdah.preference;

import io.howdah.engine.Engine;
import io.howdah.preference.PreferenceOperation.Change;
import io.howdah.preference.PreferenceOperation.Owner;
import io.howdah.preference.PreferenceOperation.Place;
import io.howdah.preference.PreferenceOperation.Question;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The operations of {@link Preferences} without waiting. Arguments are checked on the calling
 * thread, which gets {@link io.howdah.InvalidArgumentException} at once; a stage completes on the
 * executor of the Howdah, exceptionally with what the blocking method would throw. Calls of one
 * thread on one user take effect in their order. Reads ask the database, also where there is a near
 * cache.
 */
public final class AsyncPreferences {
  private final PreferenceShape shape;
  private final PreferenceCalls calls;
  private final Engine engine;

  AsyncPreferences(PreferenceShape shape, PreferenceCalls calls, Engine engine) {
    this.shape = shape;
    this.calls = calls;
    this.engine = engine;
  }

  /** {@link Preferences#get}. */
  public <V> CompletionStage<V> get(String userId, PreferenceKey<V> key) {
    Place place = PreferenceShape.place(PreferenceShape.user(userId), key);
    return calls
        .readAsync(engine, PreferenceOperation.GET, List.of(place.owner()), place)
        .thenApply(json -> shape.valueOrDefault(key, json));
  }

  /** {@link Preferences#set}. */
  public <V> CompletionStage<@Nullable Void> set(String userId, PreferenceKey<V> key, V value) {
    return write(PreferenceOperation.SET, shape.change(PreferenceShape.user(userId), key, value));
  }

  /** {@link Preferences#unset}. */
  public CompletionStage<Boolean> unset(String userId, PreferenceKey<?> key) {
    Place place = PreferenceShape.place(PreferenceShape.user(userId), key);
    return calls.writeAsync(engine, PreferenceOperation.UNSET, place.owner(), place);
  }

  /** {@link Preferences#all}. */
  public CompletionStage<List<Preference>> all(String userId) {
    return all(PreferenceOperation.ALL, PreferenceShape.user(userId));
  }

  /** {@link Preferences#forget}. */
  public CompletionStage<Boolean> forget(String userId) {
    Owner owner = PreferenceShape.user(userId);
    return calls.writeAsync(engine, PreferenceOperation.FORGET, owner, owner);
  }

  /** {@link Preferences#effective(String, List)}. */
  public CompletionStage<EffectivePreferences> effective(String userId, List<String> groups) {
    Question question = PreferenceShape.question(userId, groups);
    return calls
        .readAsync(engine, PreferenceOperation.EFFECTIVE, question.owners(), question)
        .thenApply(rows -> new EffectivePreferences(shape, rows));
  }

  /** {@link Preferences#find}. */
  public <V> CompletionStage<List<String>> find(
      PreferenceKey<V> key, V value, String after, int maxRows) {
    return engine.callAsync(PreferenceOperation.FIND, shape.search(key, value, after, maxRows));
  }

  /** {@link Preferences#setSystem}. */
  public <V> CompletionStage<@Nullable Void> setSystem(PreferenceKey<V> key, V value) {
    return write(PreferenceOperation.SYSTEM_SET, shape.change(Owner.SYSTEM, key, value));
  }

  /** {@link Preferences#unsetSystem}. */
  public CompletionStage<Boolean> unsetSystem(PreferenceKey<?> key) {
    Place place = PreferenceShape.place(Owner.SYSTEM, key);
    return calls.writeAsync(engine, PreferenceOperation.SYSTEM_UNSET, place.owner(), place);
  }

  /** {@link Preferences#allSystem}. */
  public CompletionStage<List<Preference>> allSystem() {
    return all(PreferenceOperation.SYSTEM_ALL, Owner.SYSTEM);
  }

  /** {@link Preferences#setGroup}. */
  public <V> CompletionStage<@Nullable Void> setGroup(String group, PreferenceKey<V> key, V value) {
    return write(
        PreferenceOperation.GROUP_SET, shape.change(PreferenceShape.group(group), key, value));
  }

  /** {@link Preferences#unsetGroup}. */
  public CompletionStage<Boolean> unsetGroup(String group, PreferenceKey<?> key) {
    Place place = PreferenceShape.place(PreferenceShape.group(group), key);
    return calls.writeAsync(engine, PreferenceOperation.GROUP_UNSET, place.owner(), place);
  }

  /** {@link Preferences#allGroup}. */
  public CompletionStage<List<Preference>> allGroup(String group) {
    return all(PreferenceOperation.GROUP_ALL, PreferenceShape.group(group));
  }

  /** {@link Preferences#forgetGroup}. */
  public CompletionStage<Boolean> forgetGroup(String group) {
    Owner owner = PreferenceShape.group(group);
    return calls.writeAsync(engine, PreferenceOperation.GROUP_FORGET, owner, owner);
  }

  private CompletionStage<List<Preference>> all(
      PreferenceOperation<Owner, List<Preference>> operation, Owner owner) {
    return calls.readAsync(engine, operation, List.of(owner), owner);
  }

  private CompletionStage<@Nullable Void> write(
      PreferenceOperation<Change, Boolean> operation, Change change) {
    return calls.writeAsync(engine, operation, change.owner(), change).thenApply(done -> null);
  }
}
