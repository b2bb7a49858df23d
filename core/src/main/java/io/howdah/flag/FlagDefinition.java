package io.howdah.flag;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.InvalidArgumentException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a flag is: for whom it is on, and with which values. Immutable, and checked: one that is
 * there is within all limits. The same as JSON in Java, in SQL and over HTTP; docs/flags.md has its
 * members.
 */
public final class FlagDefinition {
  private final String json;
  private final FlagParts parts;

  private FlagDefinition(String json, FlagParts parts) {
    this.json = json;
    this.parts = parts;
  }

  /**
   * Reads a definition.
   *
   * @throws InvalidArgumentException naming the member that is not as it should be
   */
  public static FlagDefinition fromJson(String json) {
    return of(FlagJson.read(json));
  }

  private static FlagDefinition of(ObjectNode tree) {
    FlagParts parts = FlagJson.parts(tree);
    return new FlagDefinition(FlagJson.write(parts), parts);
  }

  /** Begins one that is off for everybody. */
  public static Builder builder() {
    return new Builder(FlagJson.empty());
  }

  /** Begins one that is as this one. */
  public Builder toBuilder() {
    return new Builder(FlagJson.read(json));
  }

  /** As JSON, with all members. */
  public String toJson() {
    return json;
  }

  FlagParts parts() {
    return parts;
  }

  /** Whether it is on for anybody at all. */
  public boolean isEnabled() {
    return parts.enabled();
  }

  /** Whether it is kept for its history only. */
  public boolean isArchived() {
    return parts.archived();
  }

  /**
   * The part of the users that it is on for, 0 to 100 with two decimals. Empty: where users or
   * groups are allowed by name and there are no conditions it is for those only, otherwise for
   * everybody who fulfils the conditions.
   */
  public Optional<BigDecimal> rolloutPercentage() {
    return Optional.ofNullable(parts.rollout());
  }

  /** The users that it is on for whatever else is said. */
  public List<String> allowedUserIds() {
    return parts.allowedUserIds();
  }

  /** The groups that it is on for whatever else is said. */
  public List<String> allowedGroups() {
    return parts.allowedGroups();
  }

  /** What has to hold for all others, all of it. */
  public List<FlagCondition> conditions() {
    return parts.conditions();
  }

  /** The values that it may have; without any, it is true or false. */
  public List<FlagVariant> variants() {
    return parts.variants();
  }

  /** The variant for those for whom it is off; empty: the caller's default. */
  public Optional<String> offVariant() {
    return Optional.ofNullable(parts.offVariant());
  }

  /** Before, it is off. */
  public Optional<Instant> startsAt() {
    return Optional.ofNullable(parts.startsAt());
  }

  /** From then on, it is off. */
  public Optional<Instant> endsAt() {
    return Optional.ofNullable(parts.endsAt());
  }

  /** What else is kept with it, as JSON: an object, that nothing here reads. */
  public String metadataJson() {
    return parts.metadata();
  }

  /**
   * What it is for a subject at an instant, without any database.
   *
   * @param name of the flag, on which it depends who is in a rollout
   * @param at microseconds count, what is finer does not
   * @return the value as JSON, null where the caller's own default counts
   * @throws InvalidArgumentException when the name is none of a flag
   */
  public FlagEvaluation<@Nullable JsonNode> evaluate(String name, FlagSubject subject, Instant at) {
    long micros = FlagJson.micros(at);
    return new CompiledFlag(FlagLimits.name(name), parts).evaluate(subject, () -> micros);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FlagDefinition that && that.json.equals(json);
  }

  @Override
  public int hashCode() {
    return json.hashCode();
  }

  @Override
  public String toString() {
    return json;
  }

  /** Puts a definition together; what is wrong is said by {@link #build}. */
  public static final class Builder {
    private final ObjectNode tree;

    private Builder(ObjectNode tree) {
      this.tree = tree;
    }

    /** Whether it is on for anybody at all. Default: false. */
    @CanIgnoreReturnValue
    public Builder enabled(boolean enabled) {
      tree.put("enabled", enabled);
      return this;
    }

    /** Whether it is kept for its history only. Default: false. */
    @CanIgnoreReturnValue
    public Builder archived(boolean archived) {
      tree.put("archived", archived);
      return this;
    }

    /** The part of the users that it is on for: 0 to 100 with at most two decimals. */
    @CanIgnoreReturnValue
    public Builder rolloutPercentage(double percentage) {
      if (Double.isNaN(percentage) || Double.isInfinite(percentage)) {
        throw new InvalidArgumentException(
            "rolloutPercentage",
            "rolloutPercentage: 0 to 100 with at most two decimals expected, got " + percentage);
      }
      return rolloutPercentage(BigDecimal.valueOf(percentage));
    }

    /** {@link #rolloutPercentage(double)}; null takes it away. */
    @CanIgnoreReturnValue
    public Builder rolloutPercentage(@Nullable BigDecimal percentage) {
      tree.put("rollout_percentage", percentage);
      return this;
    }

    /** More users that it is on for: at most 10,000, of 1 to 1,024 bytes each. */
    @CanIgnoreReturnValue
    public Builder allowUsers(String... ids) {
      return allowUsers(Arrays.asList(ids));
    }

    /** {@link #allowUsers(String...)}. */
    @CanIgnoreReturnValue
    public Builder allowUsers(Collection<String> ids) {
      ids.forEach(array("allowed_user_ids")::add);
      return this;
    }

    /** {@link #allowUsers(String...)} of numbers. */
    @CanIgnoreReturnValue
    public Builder allowUsers(long... ids) {
      return allowUsers(Arrays.stream(ids).mapToObj(Long::toString).toList());
    }

    /** More groups that it is on for: at most 1,000, of 1 to 256 bytes each. */
    @CanIgnoreReturnValue
    public Builder allowGroups(String... groups) {
      return allowGroups(Arrays.asList(groups));
    }

    /** {@link #allowGroups(String...)}. */
    @CanIgnoreReturnValue
    public Builder allowGroups(Collection<String> groups) {
      groups.forEach(array("allowed_groups")::add);
      return this;
    }

    /** One more condition for those who are not allowed by name: at most 50. */
    @CanIgnoreReturnValue
    public Builder when(FlagCondition condition) {
      array("conditions").add(FlagJson.write(condition));
      return this;
    }

    /**
     * One more variant, of at most 50.
     *
     * @param name 1 to 128 bytes, another one for each
     * @param value a text, a number, a boolean, or what Jackson makes a JSON object or array of;
     *     the same kind for all
     * @param weight 0 to 10,000: its part of the users is that part of the sum of all weights
     * @throws InvalidArgumentException when Jackson cannot make JSON of the value
     */
    @CanIgnoreReturnValue
    public Builder variant(String name, Object value, int weight) {
      array("variants")
          .add(
              FlagJson.empty()
                  .put("name", name)
                  .put("weight", weight)
                  .set("value", FlagJson.value(value)));
      return this;
    }

    /** The variant of those for whom it is off. Default: the caller's default. */
    @CanIgnoreReturnValue
    public Builder offVariant(@Nullable String name) {
      tree.put("off_variant", name);
      return this;
    }

    /** When it begins, in microseconds; null: it has begun. */
    @CanIgnoreReturnValue
    public Builder startsAt(@Nullable Instant at) {
      tree.put("starts_at", at == null ? null : FlagJson.write(at));
      return this;
    }

    /** When it ends, in microseconds; null: it does not. */
    @CanIgnoreReturnValue
    public Builder endsAt(@Nullable Instant at) {
      tree.put("ends_at", at == null ? null : FlagJson.write(at));
      return this;
    }

    /** What else is to be kept with it. Nothing here reads it. */
    @CanIgnoreReturnValue
    public Builder metadata(Map<String, ?> metadata) {
      tree.set("metadata", FlagJson.value(metadata));
      return this;
    }

    private ArrayNode array(String member) {
      return tree.get(member) instanceof ArrayNode there ? there : tree.putArray(member);
    }

    /**
     * The definition.
     *
     * @throws InvalidArgumentException naming the member that is not as it should be
     */
    public FlagDefinition build() {
      return fromJson(tree.toString());
    }
  }
}
