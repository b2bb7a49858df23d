package io.howdah.preference;

import io.howdah.engine.Caller;
import io.howdah.engine.Engine;
import io.howdah.engine.Listener;
import io.howdah.engine.Operation;
import io.howdah.engine.WipeWatch;
import io.howdah.near.NearCache;
import io.howdah.near.NearCaches;
import io.howdah.near.NearCalls;
import io.howdah.near.NearHash;
import io.howdah.near.NearSettings;
import io.howdah.preference.PreferenceOperation.Layered;
import io.howdah.preference.PreferenceOperation.Owner;
import io.howdah.preference.PreferenceOperation.Place;
import io.howdah.preference.PreferenceOperation.Question;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the calls of preferences go, and what the near cache has to know of them. It keeps layers:
 * all that a user, a group or the system has set.
 */
public final class PreferenceCalls {
  /** There is one near cache, for all owners. */
  private static final String NAME = "preference";

  private static final Operation<String, NearCaches.Registered> REGISTRY =
      NearCaches.registryIn("preference_notification");

  private final Caller caller;
  private final NearCaches<List<Preference>> caches;
  private final NearCalls<List<Preference>> near;
  private final Supplier<@Nullable PreferenceCalls> current;

  private PreferenceCalls(
      Caller caller,
      NearCaches<List<Preference>> caches,
      NearCalls<List<Preference>> near,
      Supplier<@Nullable PreferenceCalls> current) {
    this.caller = caller;
    this.caches = caches;
    this.near = near;
    this.current = current;
  }

  /** Those of a Howdah; there is no near cache yet. */
  public PreferenceCalls(Engine engine, Listener listener, WipeWatch wipes) {
    this(engine, new NearCaches<>("preference", REGISTRY, engine, listener, wipes));
  }

  private PreferenceCalls(Engine engine, NearCaches<List<Preference>> caches) {
    this(engine, caches, new NearCalls<>(caches, false), () -> null);
  }

  /** These, but in the transaction that the calling thread is in, where it is in one. */
  public PreferenceCalls joining(Supplier<@Nullable PreferenceCalls> transaction) {
    return new PreferenceCalls(caller, caches, near, transaction);
  }

  /** Those that a call of this thread has to use now. */
  PreferenceCalls here() {
    PreferenceCalls joined = current.get();
    return joined == null ? this : joined;
  }

  /** Those of a transaction of the caller's. */
  public PreferenceCalls joined(Caller transaction) {
    return new PreferenceCalls(transaction, caches, new NearCalls<>(caches, true), () -> null);
  }

  /** The near cache of preferences, if there is one. */
  public NearCaches<?> nearCaches() {
    return caches;
  }

  /** The joined transaction has ended, and may have been committed. */
  public void ended() {
    near.ended();
  }

  /** The engine; null inside a transaction. */
  @Nullable Engine engine() {
    return caller.engine();
  }

  void open(NearSettings settings) {
    near.open(NAME, settings);
  }

  /** What notifications call an owner: _preference_notify in preference.sql. */
  static long scope(Owner owner) {
    return NearHash.of(owner.layer().charAt(0) + ":" + owner.name());
  }

  private static NearCalls.Scopes scopes(Owner owner) {
    return () -> new long[] {scope(owner)};
  }

  /** A call that the near cache need not know of. */
  <A, R extends @Nullable Object> R call(Operation<A, R> operation, A args) {
    return caller.call(operation, args);
  }

  /** A call that changes what an owner has set. */
  <A, R extends @Nullable Object> R write(Operation<A, R> operation, Owner owner, A args) {
    return near.write(NAME, scopes(owner), () -> caller.call(operation, args));
  }

  /** {@link #write} without waiting. */
  <A, R extends @Nullable Object> CompletionStage<R> writeAsync(
      Engine engine, Operation<A, R> operation, Owner owner, A args) {
    return near.writeAsync(NAME, scopes(owner), () -> engine.callAsync(operation, args));
  }

  /** The JSON that a user has set for a key. */
  @Nullable String get(Place place) {
    NearCache<List<Preference>> cache = near.cache(NAME);
    if (cache == null) {
      String json = caller.call(PreferenceOperation.GET, place);
      seen(List.of(place.owner()));
      return json;
    }
    return layer(cache, place.owner()).stream()
        .filter(one -> one.key().equals(place.key()))
        .map(Preference::json)
        .findFirst()
        .orElse(null);
  }

  /** All that an owner has set, as the database has it. */
  List<Preference> all(Owner owner) {
    NearCache<List<Preference>> cache = near.cache(NAME);
    if (cache != null) {
      return readThrough(cache, owner);
    }
    List<Preference> all = caller.call(operation(owner), owner);
    seen(List.of(owner));
    return all;
  }

  /** A call that reads past the near cache, without waiting. */
  <A, R extends @Nullable Object> CompletionStage<R> readAsync(
      Engine engine, Operation<A, R> operation, List<Owner> owners, A args) {
    return engine
        .callAsync(operation, args)
        .thenApply(answer -> {
          seen(owners);
          return answer;
        });
  }

  /** This process has seen what may be newer than what is kept of these owners. */
  private void seen(List<Owner> owners) {
    owners.forEach(owner -> near.changed(NAME, scopes(owner)));
  }

  /** What holds for a user. From a near cache each layer is as of its own moment. */
  List<Layered> effective(Question question) {
    NearCache<List<Preference>> cache = near.cache(NAME);
    if (cache == null) {
      List<Layered> rows = caller.call(PreferenceOperation.EFFECTIVE, question);
      seen(question.owners());
      return rows;
    }
    Map<String, Layered> byKey = new TreeMap<>();
    put(byKey, layer(cache, Owner.SYSTEM), PreferenceOrigin.SYSTEM, Optional.empty());
    for (String group : question.groups()) {
      put(byKey, layer(cache, Owner.group(group)), PreferenceOrigin.GROUP, Optional.of(group));
    }
    put(byKey, layer(cache, question.owner()), PreferenceOrigin.USER, Optional.empty());
    return new ArrayList<>(byKey.values());
  }

  private static void put(
      Map<String, Layered> byKey,
      List<Preference> layer,
      PreferenceOrigin origin,
      Optional<String> group) {
    for (Preference one : layer) {
      byKey.put(one.key(), new Layered(one.key(), one.json(), origin, group));
    }
  }

  private List<Preference> layer(NearCache<List<Preference>> cache, Owner owner) {
    List<Preference> kept = cache.get(cacheKey(owner));
    return kept == null ? readThrough(cache, owner) : kept;
  }

  private List<Preference> readThrough(NearCache<List<Preference>> cache, Owner owner) {
    NearCache.Ticket ticket = cache.ask(scope(owner));
    List<Preference> read = caller.call(operation(owner), owner);
    int size = read.stream().mapToInt(one -> one.key().length() + one.json().length()).sum();
    cache.answered(
        cacheKey(owner),
        ticket,
        new NearCache.Answer<>(read, version(read), size, new long[] {scope(owner)}, null));
    return read;
  }

  /** Of a document: each change of one raises it. */
  private static long version(List<Preference> document) {
    return document.isEmpty()
        ? 0
        : ChronoUnit.MICROS.between(Instant.EPOCH, document.get(0).updatedAt());
  }

  private static String cacheKey(Owner owner) {
    return owner.layer() + ":" + owner.name();
  }

  private static PreferenceOperation<Owner, List<Preference>> operation(Owner owner) {
    return switch (owner.layer()) {
      case "user" -> PreferenceOperation.ALL;
      case "group" -> PreferenceOperation.GROUP_ALL;
      default -> PreferenceOperation.SYSTEM_ALL;
    };
  }
}
