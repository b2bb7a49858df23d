package io.howdah.flag;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.CallFailedException;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.Subscription;
import io.howdah.engine.Caller;
import io.howdah.flag.FlagOperation.Change;
import io.howdah.flag.FlagOperation.Row;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Feature flags. They are asked on a snapshot in this process, so asking needs no database and does
 * not fail: {@link #isEnabled} and the {@code evaluate} methods answer with the caller's default,
 * and {@link FlagReason#ERROR}, where a flag is absent or could not be read yet. Only the first use
 * reads the flags, and may wait as long as a call may. A change is seen by this process when the
 * call that made it returns, and by others when its notification arrives, or, where none can be
 * heard, within the interval of {@code Builder.flagPollInterval}.
 *
 * <p>In a transaction of the caller's, {@link #set}, {@link #delete}, {@link #get}, {@link #list}
 * and {@link #history} work inside it; flags are asked on the same snapshot as outside. That has
 * what the transaction changed when {@code Howdah.transaction} returns; what was committed on a
 * connection of the caller's, as late as the changes of others.
 *
 * <p>All methods that call the database throw {@link InvalidArgumentException} for arguments
 * outside their limits, before anything is sent, and {@link CallFailedException} when there was no
 * answer, which says whether a change may have happened.
 */
public final class Flags {
  private static final Logger LOG = LoggerFactory.getLogger(Flags.class);

  private final FlagStore store;
  private final ObjectMapper mapper;
  private final Caller caller;
  private final Runnable changed;

  /**
   * Use {@code Howdah.flags} or {@code Transaction.flags}.
   *
   * @param changed run after each change
   */
  public Flags(FlagStore store, ObjectMapper mapper, Caller caller, Runnable changed) {
    this.store = store;
    this.mapper = mapper;
    this.caller = caller;
    this.changed = changed;
  }

  /**
   * Whether a flag is on for a subject; false where there is none, or it could not be read yet. Of
   * a flag with boolean values, whether the value is true.
   */
  public boolean isEnabled(String name, FlagSubject subject) {
    return evaluate(name, subject).isOn();
  }

  /**
   * What a flag is for a subject, as JSON of any kind.
   *
   * @return with the value null where the caller's own default counts
   */
  public FlagEvaluation<@Nullable JsonNode> evaluate(String name, FlagSubject subject) {
    FlagSnapshot flags = store.current();
    if (flags == null) {
      return FlagEvaluation.otherwise(null, FlagRule.NOT_LOADED);
    }
    FlagSnapshot.Entry entry = flags.entry(name);
    if (entry == null) {
      return FlagEvaluation.otherwise(null, FlagRule.FLAG_NOT_FOUND);
    }
    CompiledFlag flag = entry.compiled();
    return flag == null
        ? FlagEvaluation.otherwise(null, FlagRule.UNREADABLE)
        : flag.evaluate(subject, store::nowMicros);
  }

  /**
   * What a flag is for a subject: true or false.
   *
   * @param otherwise where there is no value; with the reason {@link FlagReason#ERROR} where it is
   *     of another kind
   */
  public FlagEvaluation<Boolean> evaluateBoolean(
      String name, boolean otherwise, FlagSubject subject) {
    return typed(name, subject, otherwise, JsonNode::isBoolean, JsonNode::booleanValue);
  }

  /** What a flag is for a subject: a text; the rest as {@link #evaluateBoolean}. */
  public FlagEvaluation<String> evaluateString(String name, String otherwise, FlagSubject subject) {
    return typed(name, subject, otherwise, JsonNode::isString, JsonNode::stringValue);
  }

  /** What a flag is for a subject: a number; the rest as {@link #evaluateBoolean}. */
  public FlagEvaluation<Double> evaluateNumber(String name, double otherwise, FlagSubject subject) {
    return typed(
        name, subject, otherwise, JsonNode::isNumber, node -> node.decimalValue().doubleValue());
  }

  /**
   * What a flag is for a subject, of a class that Jackson makes of the JSON; the rest as {@link
   * #evaluateBoolean}.
   */
  public <V> FlagEvaluation<V> evaluateJson(
      String name, Class<V> type, V otherwise, FlagSubject subject) {
    return typed(
        name,
        subject,
        otherwise,
        node -> true,
        node -> {
          try {
            return mapper.treeToValue(node, type);
          } catch (JacksonException e) {
            LOG.debug("the value of the flag {} is no {}", name, type.getName(), e);
            return null;
          }
        });
  }

  private <V> FlagEvaluation<V> typed(
      String name,
      FlagSubject subject,
      V otherwise,
      Predicate<JsonNode> isKind,
      Function<JsonNode, @Nullable V> read) {
    FlagEvaluation<@Nullable JsonNode> found = evaluate(name, subject);
    JsonNode node = found.value();
    if (node == null) {
      return FlagEvaluation.otherwise(otherwise, found.rule());
    }
    V value = isKind.test(node) ? read.apply(node) : null;
    return value == null
        ? FlagEvaluation.otherwise(otherwise, FlagRule.TYPE_MISMATCH)
        : new FlagEvaluation<>(value, found.variant(), found.reason(), found.rule(), found.isOn());
  }

  /** Why a flag is what it is for a subject: "why did user 42 get this?". Needs no database. */
  public FlagExplanation explain(String name, FlagSubject subject) {
    FlagEvaluation<@Nullable JsonNode> evaluation = evaluate(name, subject);
    FlagSnapshot flags = store.current();
    FlagSnapshot.Entry entry = flags == null ? null : flags.entry(name);
    CompiledFlag compiled = entry == null ? null : entry.compiled();
    Flag flag = entry == null ? null : entry.flag();
    byte[] user = subject.userBytes();
    OptionalInt rollout = OptionalInt.empty();
    OptionalInt variant = OptionalInt.empty();
    if (compiled != null && user != null) {
      rollout = OptionalInt.of(compiled.rolloutBucket(user));
      variant = OptionalInt.of(compiled.variantBucket(user));
    }
    return new FlagExplanation(
        evaluation,
        Explanations.text(name, subject, evaluation, flag, compiled, rollout),
        rollout,
        variant,
        Optional.ofNullable(flag));
  }

  /**
   * Makes a flag what the definition says, whatever it was before. It is seen here when the call
   * returns, or a little later if the database cannot be read just then; in a transaction when that
   * has committed.
   *
   * @param name 1 to 128 of A-Z, a-z, 0-9, _, . and -, not beginning with . or -
   * @param changedBy who does so: 1 to 256 bytes
   * @param reason why: at most 4,096 bytes; null or empty when there is nothing to say
   * @return the revision of this change
   */
  @CanIgnoreReturnValue
  public long set(
      String name, FlagDefinition definition, String changedBy, @Nullable String reason) {
    Change change =
        new Change(
            FlagLimits.name(name),
            definition.toJson(),
            FlagLimits.changedBy(changedBy),
            FlagLimits.reason(reason));
    long revision = caller.call(FlagOperation.SET, change);
    changed.run();
    return revision;
  }

  /**
   * Deletes a flag; its history stays. Archiving one keeps people from using its name again.
   *
   * @return false when there was none
   */
  @CanIgnoreReturnValue
  public boolean delete(String name, String changedBy, @Nullable String reason) {
    Change change =
        new Change(
            FlagLimits.name(name), "", FlagLimits.changedBy(changedBy), FlagLimits.reason(reason));
    boolean deleted = caller.call(FlagOperation.DELETE, change);
    changed.run();
    return deleted;
  }

  /**
   * A flag as the database has it now.
   *
   * @return empty when there is none
   * @throws HowdahException with {@link io.howdah.ErrorCode#INVALID_ARGUMENT} when this library
   *     cannot read its definition
   */
  public Optional<Flag> get(String name) {
    return caller.call(FlagOperation.GET, FlagLimits.name(name)).stream()
        .findFirst()
        .map(Flags::flag);
  }

  /**
   * All flags as the database has them now, archived ones as well, in the order of their names.
   *
   * @throws HowdahException with {@link io.howdah.ErrorCode#INVALID_ARGUMENT} when this library
   *     cannot read a definition
   */
  public List<Flag> list() {
    return caller.call(FlagOperation.LIST, "").stream().map(Flags::flag).toList();
  }

  /** All changes of a flag, the last one first, also when it was deleted; empty when none. */
  public List<FlagChange> history(String name) {
    return caller.call(FlagOperation.HISTORY, FlagLimits.name(name));
  }

  /**
   * Tells {@code listener} which flags change in this process's snapshot, until the subscription is
   * closed: on the executor of the Howdah, one after the other. What it throws is logged.
   */
  @CanIgnoreReturnValue
  public Subscription onChange(Consumer<FlagEvent> listener) {
    return store.listen(listener);
  }

  /**
   * Asks the database for changes now. What was committed before the call is seen after it.
   *
   * @throws HowdahException when the database does not answer
   */
  public void refresh() {
    store.refresh();
  }

  /** How this process's snapshot is doing. Needs no database. */
  public FlagStatus status() {
    return store.status();
  }

  static Flag flag(Row row) {
    return new Flag(
        row.name(),
        FlagDefinition.fromJson(row.definition()),
        row.revision(),
        row.createdAt(),
        row.updatedAt(),
        row.updatedBy());
  }
}
