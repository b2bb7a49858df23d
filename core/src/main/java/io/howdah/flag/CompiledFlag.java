package io.howdah.flag;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;

/**
 * A definition made ready to be asked: <code>_flag_evaluate</code> of flag.sql, rule by rule. All
 * answers that it can give are made beforehand.
 */
final class CompiledFlag {
  private static final FlagRule[] ON = {
    FlagRule.ALLOWED_USER,
    FlagRule.ALLOWED_GROUP,
    FlagRule.EVERYBODY,
    FlagRule.CONDITIONS_MET,
    FlagRule.IN_ROLLOUT
  };

  private final boolean archived;
  private final boolean enabled;
  private final boolean hasTimes;
  private final long startsAtMicros;
  private final long endsAtMicros;
  private final Set<String> allowedUserIds;
  private final Set<String> allowedGroups;
  private final Check[] checks;

  /** In hundredths of a percent. */
  private final int rollout;

  private final Bucket rolloutBucket;
  private final Bucket variantBucket;

  /** By rule, where it is off. */
  private final Map<FlagRule, FlagEvaluation<@Nullable JsonNode>> off =
      new EnumMap<>(FlagRule.class);

  /** By rule, where it is on and no user is known, or there is nothing to choose from. */
  private final Map<FlagRule, FlagEvaluation<@Nullable JsonNode>> unchosen =
      new EnumMap<>(FlagRule.class);

  /** By rule, where it is on: one for each variant. */
  private final Map<FlagRule, List<FlagEvaluation<@Nullable JsonNode>>> chosen =
      new EnumMap<>(FlagRule.class);

  /** Up to where in all weights each variant goes, times 10,000; empty: no choice. */
  private final long[] ends;

  CompiledFlag(String name, FlagParts parts) {
    this.archived = parts.archived();
    this.enabled = parts.enabled();
    this.hasTimes = parts.startsAt() != null || parts.endsAt() != null;
    this.startsAtMicros =
        parts.startsAt() == null ? Long.MIN_VALUE : FlagJson.micros(parts.startsAt());
    this.endsAtMicros = parts.endsAt() == null ? Long.MAX_VALUE : FlagJson.micros(parts.endsAt());
    this.allowedUserIds = Set.copyOf(parts.allowedUserIds());
    this.allowedGroups = Set.copyOf(parts.allowedGroups());
    this.checks = parts.conditions().stream().map(Check::new).toArray(Check[]::new);
    this.rollout = parts.rolloutInTenThousand();
    this.rolloutBucket = new Bucket(name, "rollout");
    this.variantBucket = new Bucket(name, "variant");

    List<FlagVariant> weighted =
        parts.variants().stream().filter(variant -> variant.weight() > 0).toList();
    this.ends = weighted.size() < 2 ? new long[0] : ends(weighted);
    FlagVariant whenOff = whenOff(parts);
    for (FlagRule rule : FlagRule.values()) {
      if (!rule.isOn()) {
        off.put(rule, off(rule, whenOff));
      }
    }
    FlagVariant first =
        weighted.isEmpty() ? new FlagVariant("on", BooleanNode.TRUE, 1) : weighted.get(0);
    for (FlagRule rule : ON) {
      unchosen.put(rule, on(rule, rule.reason(), first));
      FlagReason reason = rule == FlagRule.EVERYBODY ? FlagReason.SPLIT : rule.reason();
      List<FlagEvaluation<@Nullable JsonNode>> each = new ArrayList<>();
      weighted.forEach(variant -> each.add(on(rule, reason, variant)));
      chosen.put(rule, each);
    }
  }

  private static long[] ends(List<FlagVariant> weighted) {
    long[] ends = new long[weighted.size()];
    long sum = 0;
    for (int i = 0; i < ends.length; i++) {
      sum += weighted.get(i).weight() * 10_000L;
      ends[i] = sum;
    }
    return ends;
  }

  private static @Nullable FlagVariant whenOff(FlagParts parts) {
    if (parts.variants().isEmpty()) {
      return new FlagVariant("off", BooleanNode.FALSE, 1);
    }
    return parts.variants().stream()
        .filter(variant -> variant.name().equals(parts.offVariant()))
        .findFirst()
        .orElse(null);
  }

  private static FlagEvaluation<@Nullable JsonNode> off(
      FlagRule rule, @Nullable FlagVariant variant) {
    return variant == null
        ? FlagEvaluation.otherwise(null, rule)
        : new FlagEvaluation<>(
            variant.value(),
            variant.name(),
            rule.reason(),
            rule,
            variant.value().isBoolean() && variant.value().booleanValue());
  }

  private static FlagEvaluation<@Nullable JsonNode> on(
      FlagRule rule, FlagReason reason, FlagVariant variant) {
    boolean isOn = !variant.value().isBoolean() || variant.value().booleanValue();
    return new FlagEvaluation<>(variant.value(), variant.name(), reason, rule, isOn);
  }

  /**
   * What it is for a subject.
   *
   * @param nowMicros the time since 1970 in microseconds; asked only where it matters
   */
  FlagEvaluation<@Nullable JsonNode> evaluate(FlagSubject subject, LongSupplier nowMicros) {
    FlagRule rule = rule(subject, nowMicros);
    if (!rule.isOn()) {
      return get(off, rule);
    }
    byte[] user = subject.userBytes();
    if (ends.length == 0 || user == null) {
      return get(unchosen, rule);
    }
    long place = variantBucket.of(user) * (ends[ends.length - 1] / 10_000);
    int index = 0;
    while (place >= ends[index]) {
      index++;
    }
    return get(chosen, rule).get(index);
  }

  /** All rules that it can give are there. */
  private static <T> T get(Map<FlagRule, T> answers, FlagRule rule) {
    T answer = answers.get(rule);
    if (answer == null) {
      throw new IllegalStateException("no answer for " + rule);
    }
    return answer;
  }

  private FlagRule rule(FlagSubject subject, LongSupplier nowMicros) {
    if (archived) {
      return FlagRule.ARCHIVED;
    }
    if (!enabled) {
      return FlagRule.NOT_ENABLED;
    }
    if (hasTimes) {
      long now = nowMicros.getAsLong();
      if (now < startsAtMicros) {
        return FlagRule.NOT_STARTED;
      }
      if (now >= endsAtMicros) {
        return FlagRule.ENDED;
      }
    }
    String user = subject.userOrNull();
    if (user != null && allowedUserIds.contains(user)) {
      return FlagRule.ALLOWED_USER;
    }
    if (!allowedGroups.isEmpty() && subject.groups().stream().anyMatch(allowedGroups::contains)) {
      return FlagRule.ALLOWED_GROUP;
    }
    for (Check check : checks) {
      if (!check.holds(subject)) {
        return FlagRule.CONDITION_NOT_MET;
      }
    }
    if (rollout == 0) {
      return FlagRule.NO_ROLLOUT;
    }
    if (rollout == 10_000) {
      return checks.length == 0 ? FlagRule.EVERYBODY : FlagRule.CONDITIONS_MET;
    }
    byte[] bytes = subject.userBytes();
    if (bytes == null) {
      return FlagRule.NO_USER;
    }
    return rolloutBucket.of(bytes) < rollout ? FlagRule.IN_ROLLOUT : FlagRule.NOT_IN_ROLLOUT;
  }

  /** Where a user stands among 10,000, for the rollout. */
  int rolloutBucket(byte[] user) {
    return rolloutBucket.of(user);
  }

  /** Where a user stands among 10,000, for the choice of a variant. */
  int variantBucket(byte[] user) {
    return variantBucket.of(user);
  }

  /** Of the users, in percent. */
  BigDecimal rollout() {
    return BigDecimal.valueOf(rollout, 2);
  }
}
