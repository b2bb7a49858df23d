package io.howdah.flag;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import io.howdah.JsonText;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and writes definitions, by the rules of <code>_flag_definition</code> in flag.sql and with
 * its messages: what passes here passes there, and becomes the same.
 */
final class FlagJson {
  /** Not the application's: a definition is the same in every process. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
          .build();

  private static final Set<String> MEMBERS =
      orderedSet(
          "enabled",
          "archived",
          "rollout_percentage",
          "allowed_user_ids",
          "allowed_groups",
          "conditions",
          "variants",
          "off_variant",
          "starts_at",
          "ends_at",
          "metadata");
  private static final Set<String> CONDITION = orderedSet("attribute", "operator", "value", "not");
  private static final Set<String> VARIANT = orderedSet("name", "value", "weight");

  private static final Pattern INSTANT =
      Pattern.compile(
          "[12][0-9]{3}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?"
              + "(Z|[+-](0[0-9]|1[0-5]):[0-5][0-9])");
  private static final DateTimeFormatter WRITTEN =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final Instant FIRST = Instant.parse("1000-01-01T00:00:00Z");
  private static final Instant PAST_LAST = Instant.parse("3000-01-01T00:00:00Z");
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]+");
  private static final Pattern WHOLE_WEIGHT = Pattern.compile("[0-9]+(\\.0*)?");
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private FlagJson() {}

  private static Set<String> orderedSet(String... names) {
    return new java.util.LinkedHashSet<>(List.of(names));
  }

  static ObjectNode empty() {
    return MAPPER.createObjectNode();
  }

  static JsonNode value(Object value) {
    try {
      return MAPPER.valueToTree(value);
    } catch (JacksonException e) {
      throw new InvalidArgumentException(
          "value", "value: cannot be written as JSON: " + e.getOriginalMessage(), e);
    }
  }

  static String write(Instant at) {
    return WRITTEN.format(at);
  }

  static long micros(Instant at) {
    return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000L), at.getNano() / 1_000);
  }

  /** The tree of a text that Postgres takes as well. */
  static ObjectNode read(String json) {
    long size = JsonText.size("definition", json);
    if (size > FlagLimits.DEFINITION_BYTES) {
      throw bad("definition", "at most " + FlagLimits.DEFINITION_BYTES + " bytes expected", size);
    }
    JsonNode tree = tree("definition", json);
    if (!(tree instanceof ObjectNode object)) {
      throw bad("definition", "a JSON object expected", kind(tree));
    }
    return object;
  }

  static JsonNode tree(String argument, String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JacksonException e) {
      throw new InvalidArgumentException(argument, argument + ": " + e.getOriginalMessage(), e);
    }
  }

  static FlagParts parts(ObjectNode tree) {
    refuseOthers("definition", tree, MEMBERS);
    checkValues(tree, 0);
    List<FlagVariant> variants = variants(tree.get("variants"));
    JsonNode metadata = orNull(tree.get("metadata"));
    if (metadata != null && !metadata.isObject()) {
      throw bad("definition.metadata", "a JSON object expected", kind(metadata));
    }
    Instant startsAt = instant("definition.starts_at", tree.get("starts_at"));
    Instant endsAt = instant("definition.ends_at", tree.get("ends_at"));
    if (startsAt != null && endsAt != null && !startsAt.isBefore(endsAt)) {
      throw bad("definition.ends_at", "an instant after starts_at expected", write(endsAt));
    }
    return new FlagParts(
        bool("definition.enabled", tree.get("enabled")),
        bool("definition.archived", tree.get("archived")),
        rollout(tree.get("rollout_percentage")),
        texts(
            "definition.allowed_user_ids",
            tree.get("allowed_user_ids"),
            FlagLimits.USERS,
            FlagLimits.USER_BYTES,
            true),
        texts(
            "definition.allowed_groups",
            tree.get("allowed_groups"),
            FlagLimits.GROUPS,
            FlagLimits.GROUP_BYTES,
            false),
        conditions(tree.get("conditions")),
        variants,
        offVariant(tree.get("off_variant"), variants),
        startsAt,
        endsAt,
        metadata == null ? "{}" : MAPPER.writeValueAsString(metadata));
  }

  /** With all members, in the order of their names: the same text for the same definition. */
  static String write(FlagParts parts) {
    ObjectNode tree = empty();
    tree.put("enabled", parts.enabled()).put("archived", parts.archived());
    tree.put("rollout_percentage", parts.rollout());
    ArrayNode users = tree.putArray("allowed_user_ids");
    parts.allowedUserIds().forEach(users::add);
    ArrayNode groups = tree.putArray("allowed_groups");
    parts.allowedGroups().forEach(groups::add);
    ArrayNode conditions = tree.putArray("conditions");
    parts.conditions().forEach(condition -> conditions.add(write(condition)));
    ArrayNode variants = tree.putArray("variants");
    for (FlagVariant variant : parts.variants()) {
      variants
          .addObject()
          .put("name", variant.name())
          .put("weight", variant.weight())
          .set("value", variant.value());
    }
    tree.put("off_variant", parts.offVariant());
    tree.put("starts_at", parts.startsAt() == null ? null : write(parts.startsAt()));
    tree.put("ends_at", parts.endsAt() == null ? null : write(parts.endsAt()));
    tree.set("metadata", MAPPER.readTree(parts.metadata()));
    return MAPPER.writeValueAsString(tree);
  }

  static ObjectNode write(FlagCondition condition) {
    JsonNode values = value(condition.values());
    return empty()
        .put("attribute", condition.attribute())
        .put("operator", condition.operator().jsonName())
        .put("not", condition.negated())
        .set("value", condition.operator() == FlagCondition.Operator.IN ? values : values.get(0));
  }

  /** Not deeper than readers go, and no number that they cannot hold. */
  private static void checkValues(JsonNode node, int level) {
    if (level > FlagLimits.LEVELS) {
      throw new InvalidArgumentException(
          "definition",
          "definition: at most "
              + FlagLimits.LEVELS
              + " levels of arrays and objects expected, got more");
    }
    if (node.isNumber() && !FlagLimits.isFit(node.decimalValue())) {
      throw new InvalidArgumentException(
          "definition",
          "definition: numbers below 1e100 with at most 100 decimals expected, got others");
    }
    node.forEach(child -> checkValues(child, level + 1));
  }

  private static void refuseOthers(String argument, JsonNode object, Set<String> known) {
    if (!object.isObject()) {
      throw bad(argument, "a JSON object expected", kind(object));
    }
    Set<String> unknown = new TreeSet<>(object.propertyNames());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw bad(
          argument,
          "only " + String.join(", ", known) + " expected",
          FlagLimits.shortened(unknown.iterator().next()));
    }
  }

  private static boolean bool(String argument, @Nullable JsonNode member) {
    JsonNode value = orNull(member);
    if (value != null && !value.isBoolean()) {
      throw bad(argument, "true or false expected", FlagLimits.shortened(value.toString()));
    }
    return value != null && value.booleanValue();
  }

  private static @Nullable BigDecimal rollout(@Nullable JsonNode member) {
    JsonNode value = orNull(member);
    if (value == null) {
      return null;
    }
    if (value.isNumber()) {
      BigDecimal number = value.decimalValue();
      BigDecimal exact = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
      if (exact.signum() >= 0 && exact.compareTo(HUNDRED) <= 0 && exact.scale() <= 2) {
        return exact.scale() < 0 ? exact.setScale(0) : exact;
      }
    }
    throw bad(
        "definition.rollout_percentage",
        "0 to 100 with at most two decimals expected",
        FlagLimits.shortened(value.toString()));
  }

  private static List<String> texts(
      String argument, @Nullable JsonNode member, int most, int longest, boolean numbers) {
    List<String> texts = new ArrayList<>();
    for (JsonNode value : array(argument, member, most)) {
      String entry = argument + "[" + texts.size() + "]";
      String text =
          value.isString()
              ? value.stringValue()
              : numbers && value.isNumber() ? value.decimalValue().toPlainString() : null;
      if (text == null || (value.isNumber() && !WHOLE.matcher(text).matches())) {
        throw bad(
            entry,
            numbers ? "a text or a whole number expected" : "a text expected",
            FlagLimits.shortened(value.toString()));
      }
      texts.add(Arguments.text(entry, text, longest));
    }
    return List.copyOf(texts);
  }

  private static List<JsonNode> array(String argument, @Nullable JsonNode member, int most) {
    JsonNode value = orNull(member);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      throw bad(argument, "an array expected", kind(value));
    }
    if (value.size() > most) {
      throw bad(argument, "at most " + most + " entries expected", value.size());
    }
    List<JsonNode> values = new ArrayList<>();
    value.forEach(values::add);
    return values;
  }

  private static String label(String argument, @Nullable JsonNode member) {
    if (member == null || !member.isString()) {
      throw bad(argument, "a text expected", member == null ? "nothing" : kind(member));
    }
    return Arguments.text(argument, member.stringValue(), FlagLimits.LABEL_BYTES);
  }

  private static List<FlagCondition> conditions(@Nullable JsonNode member) {
    List<FlagCondition> conditions = new ArrayList<>();
    for (JsonNode node : array("definition.conditions", member, FlagLimits.CONDITIONS)) {
      conditions.add(condition("definition.conditions[" + conditions.size() + "]", node));
    }
    return List.copyOf(conditions);
  }

  private static FlagCondition condition(String argument, JsonNode node) {
    refuseOthers(argument, node, CONDITION);
    FlagCondition.Operator operator = operator(argument + ".operator", node.get("operator"));
    String valueName = argument + ".value";
    JsonNode value = node.get("value");
    List<Object> values = new ArrayList<>();
    if (operator == FlagCondition.Operator.IN) {
      if (value == null || !value.isArray()) {
        throw bad(valueName, "an array expected", value == null ? "nothing" : kind(value));
      }
      if (value.isEmpty() || value.size() > FlagLimits.CONDITION_VALUES) {
        throw bad(
            valueName, "1 to " + FlagLimits.CONDITION_VALUES + " entries expected", value.size());
      }
      value.forEach(each -> values.add(scalar(valueName, each)));
    } else {
      Object scalar = scalar(valueName, value);
      boolean fits =
          switch (operator) {
            case EQUALS -> true;
            case STARTS_WITH -> scalar instanceof String;
            default -> scalar instanceof BigDecimal;
          };
      if (!fits) {
        throw bad(
            valueName,
            operator == FlagCondition.Operator.STARTS_WITH
                ? "a text expected"
                : "a number expected",
            value == null ? "nothing" : kind(value));
      }
      values.add(scalar);
    }
    return new FlagCondition(
        label(argument + ".attribute", node.get("attribute")),
        operator,
        values,
        bool(argument + ".not", node.get("not")));
  }

  private static FlagCondition.Operator operator(String argument, @Nullable JsonNode member) {
    for (FlagCondition.Operator operator : FlagCondition.Operator.values()) {
      if (member != null && member.isString() && operator.jsonName().equals(member.stringValue())) {
        return operator;
      }
    }
    throw bad(
        argument,
        List.of(FlagCondition.Operator.values()).stream()
                .map(FlagCondition.Operator::jsonName)
                .collect(Collectors.joining(", "))
            + " expected",
        member == null ? "nothing" : FlagLimits.shortened(member.toString()));
  }

  private static Object scalar(String argument, @Nullable JsonNode node) {
    if (node != null && node.isString()) {
      long length = Arguments.utf8Length(argument, node.stringValue());
      if (length > FlagLimits.TEXT_BYTES) {
        throw bad(argument, "at most " + FlagLimits.TEXT_BYTES + " bytes expected", length);
      }
      return node.stringValue();
    }
    if (node != null && node.isNumber()) {
      return node.decimalValue();
    }
    if (node != null && node.isBoolean()) {
      return node.booleanValue();
    }
    throw bad(
        argument, "texts, numbers, true or false expected", node == null ? "nothing" : kind(node));
  }

  private static List<FlagVariant> variants(@Nullable JsonNode member) {
    List<FlagVariant> variants = new ArrayList<>();
    for (JsonNode node : array("definition.variants", member, FlagLimits.VARIANTS)) {
      variants.add(variant("definition.variants[" + variants.size() + "]", node));
    }
    if (!variants.isEmpty() && variants.stream().allMatch(variant -> variant.weight() == 0)) {
      throw bad("definition.variants", "a weight above 0 expected", "none");
    }
    Set<String> names = new HashSet<>();
    Set<String> kinds = new TreeSet<>();
    for (FlagVariant variant : variants) {
      if (!names.add(variant.name())) {
        throw bad("definition.variants", "a name for each expected", "one twice");
      }
      kinds.add(variant.value().isContainer() ? "json" : kind(variant.value()));
    }
    if (kinds.size() > 1) {
      throw bad("definition.variants", "values of one kind expected", String.join(", ", kinds));
    }
    return List.copyOf(variants);
  }

  private static FlagVariant variant(String argument, JsonNode node) {
    refuseOthers(argument, node, VARIANT);
    JsonNode weight = orNull(node.get("weight"));
    int parsed = 1;
    if (weight != null) {
      String plain = weight.isNumber() ? weight.decimalValue().toPlainString() : "";
      if (!WHOLE_WEIGHT.matcher(plain).matches()
          || weight.decimalValue().compareTo(BigDecimal.valueOf(FlagLimits.WEIGHT)) > 0) {
        throw bad(
            argument + ".weight",
            "a whole number of 0 to " + FlagLimits.WEIGHT + " expected",
            FlagLimits.shortened(weight.toString()));
      }
      parsed = weight.decimalValue().intValue();
    }
    JsonNode value = orNull(node.get("value"));
    if (value == null) {
      throw new InvalidArgumentException(
          argument + ".value", argument + ".value: a JSON value other than null expected");
    }
    return new FlagVariant(label(argument + ".name", node.get("name")), value, parsed);
  }

  private static @Nullable String offVariant(
      @Nullable JsonNode member, List<FlagVariant> variants) {
    JsonNode value = orNull(member);
    if (value == null) {
      return null;
    }
    if (!value.isString()
        || variants.stream().noneMatch(variant -> variant.name().equals(value.stringValue()))) {
      throw bad(
          "definition.off_variant",
          "the name of a variant expected",
          FlagLimits.shortened(value.toString()));
    }
    return value.stringValue();
  }

  private static @Nullable Instant instant(String argument, @Nullable JsonNode member) {
    JsonNode value = orNull(member);
    if (value == null) {
      return null;
    }
    Instant instant = null;
    if (value.isString() && INSTANT.matcher(value.stringValue()).matches()) {
      try {
        instant = OffsetDateTime.parse(value.stringValue()).toInstant();
      } catch (DateTimeException e) {
        instant = null;
      }
    }
    if (instant == null || instant.isBefore(FIRST) || !instant.isBefore(PAST_LAST)) {
      throw bad(
          argument,
          "an instant like 2026-03-01T09:00:00Z expected",
          FlagLimits.shortened(value.toString()));
    }
    return instant;
  }

  private static @Nullable JsonNode orNull(@Nullable JsonNode member) {
    return member == null || member.isNull() ? null : member;
  }

  /** As jsonb_typeof says. */
  private static String kind(JsonNode node) {
    return node.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  private static InvalidArgumentException bad(String argument, String expected, Object got) {
    return new InvalidArgumentException(argument, argument + ": " + expected + ", got " + got);
  }
}
