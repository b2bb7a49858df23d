package io.howdah.flag;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whom a flag is asked for: a user, his groups, and what else is known. Immutable, so it may be
 * kept for as long as a request or a session.
 *
 * <pre>{@code
 * FlagSubject.user(42).inGroup("beta").with("country", "DE")
 * }</pre>
 */
public final class FlagSubject {
  private static final FlagSubject ANONYMOUS = new FlagSubject(null, null, List.of(), Map.of());

  private final @Nullable String userId;

  /** The user as bytes, which is what is hashed. */
  private final byte @Nullable [] userBytes;

  private final List<String> groups;
  private final Map<String, Object> attributes;

  private FlagSubject(
      @Nullable String userId,
      byte @Nullable [] userBytes,
      List<String> groups,
      Map<String, Object> attributes) {
    this.userId = userId;
    this.userBytes = userBytes;
    this.groups = groups;
    this.attributes = attributes;
  }

  /**
   * A user.
   *
   * @param id 1 to 1,024 bytes
   * @throws InvalidArgumentException when it is not
   */
  public static FlagSubject user(String id) {
    String checked = Arguments.text("userId", id, FlagLimits.USER_BYTES);
    return new FlagSubject(checked, checked.getBytes(StandardCharsets.UTF_8), List.of(), Map.of());
  }

  /** A user whose id is a number; the same as its decimal text. */
  public static FlagSubject user(long id) {
    return user(Long.toString(id));
  }

  /** Somebody who is not known: in no rollout of less than 100 %. */
  public static FlagSubject anonymous() {
    return ANONYMOUS;
  }

  /**
   * Reads a subject as SQL and HTTP have it: {@code {"user_id": "42", "groups": ["beta"],
   * "attributes": {"country": "DE"}}}, each of it optional, and null as if it were not there.
   *
   * @param json at most 1 MiB
   * @throws InvalidArgumentException naming the member that is not as it should be
   */
  public static FlagSubject fromJson(String json) {
    return SubjectJson.read(json);
  }

  /**
   * The same, in one more group.
   *
   * @param group 1 to 256 bytes; of at most 1,000 groups
   * @throws InvalidArgumentException when it is not
   */
  public FlagSubject inGroup(String group) {
    return inGroups(List.of(group));
  }

  /** The same, in more groups, as {@link #inGroup}. */
  public FlagSubject inGroups(Collection<String> more) {
    List<String> all = new ArrayList<>(groups);
    for (String group : more) {
      all.add(Arguments.text("group", group, FlagLimits.GROUP_BYTES));
    }
    if (all.size() > FlagLimits.GROUPS) {
      throw new InvalidArgumentException(
          "groups", "groups: at most " + FlagLimits.GROUPS + " expected, got " + all.size());
    }
    return new FlagSubject(userId, userBytes, List.copyOf(all), attributes);
  }

  /**
   * The same, with an attribute.
   *
   * @param attribute its name, 1 to 128 bytes; of at most 200 attributes
   * @param text at most 4,096 bytes
   * @throws InvalidArgumentException when they are not
   */
  public FlagSubject with(String attribute, String text) {
    long length = Arguments.utf8Length(attribute, text);
    if (length > FlagLimits.TEXT_BYTES) {
      throw new InvalidArgumentException(
          attribute,
          attribute + ": at most " + FlagLimits.TEXT_BYTES + " bytes expected, got " + length);
    }
    return withValue(attribute, text);
  }

  /**
   * The same, with an attribute that is a number: below 1e100, with at most 100 decimals.
   *
   * @throws InvalidArgumentException when it is not, or no number
   */
  public FlagSubject with(String attribute, Number number) {
    return withValue(attribute, decimal(attribute, number));
  }

  /** The same, with an attribute that is true or false. */
  public FlagSubject with(String attribute, boolean value) {
    return withValue(attribute, value);
  }

  private FlagSubject withValue(String attribute, Object value) {
    Map<String, Object> all = new LinkedHashMap<>(attributes);
    all.put(Arguments.text("attribute", attribute, FlagLimits.LABEL_BYTES), value);
    if (all.size() > FlagLimits.ATTRIBUTES) {
      throw new InvalidArgumentException(
          "attribute",
          "attribute: at most " + FlagLimits.ATTRIBUTES + " expected, got " + all.size());
    }
    return new FlagSubject(userId, userBytes, groups, all);
  }

  private static BigDecimal decimal(String attribute, Number number) {
    BigDecimal decimal;
    try {
      if (number instanceof BigDecimal exact) {
        decimal = exact;
      } else if (number instanceof BigInteger whole) {
        decimal = new BigDecimal(whole);
      } else if (number instanceof Double || number instanceof Float) {
        decimal = new BigDecimal(number.toString());
      } else {
        decimal = BigDecimal.valueOf(number.longValue());
      }
    } catch (NumberFormatException e) {
      throw new InvalidArgumentException(
          attribute, attribute + ": a number expected, got " + number, e);
    }
    if (!FlagLimits.isFit(decimal)) {
      throw new InvalidArgumentException(
          attribute,
          attribute
              + ": a number below 1e100 with at most 100 decimals expected, got one of "
              + decimal.precision()
              + " digits and the scale "
              + decimal.scale());
    }
    return decimal;
  }

  /** The user; empty when nobody is known. */
  public Optional<String> userId() {
    return Optional.ofNullable(userId);
  }

  public List<String> groups() {
    return groups;
  }

  /** Texts, {@link BigDecimal}s and booleans, by name. */
  public Map<String, Object> attributes() {
    return Map.copyOf(attributes);
  }

  @Nullable String userOrNull() {
    return userId;
  }

  byte @Nullable [] userBytes() {
    return userBytes;
  }

  @Nullable Object attribute(String name) {
    return attributes.get(name);
  }

  /** For logs: who, and not what is known about him. */
  @Override
  public String toString() {
    return "FlagSubject[" + (userId == null ? "anonymous" : userId) + "]";
  }
}
