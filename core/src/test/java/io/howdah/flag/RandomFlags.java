package io.howdah.flag;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Definitions, subjects and instants at random, from so few texts and numbers that they meet; among
 * them such as two languages may take differently.
 */
final class RandomFlags {
  static final JsonMapper MAPPER = JsonMapper.builder().build();

  private static final List<String> TEXTS =
      List.of(
          "", "a", "A", "ab", "abc", "ä", "a\u0308", "𝄞", "𝄞x", "\uffff", "1", "true", "DE",
          " a");
  private static final List<String> USERS =
      List.of("1", "2", "42", "-7", "01", "ann", "Ann", "ü", "𝄞", "a:b", "x y", "\uffff");
  private static final List<String> GROUPS = List.of("beta", "Beta", "staff", "ü", "1");
  private static final List<String> NAMES = List.of("f", "f1", "F", "new-checkout", "a.b", "_");
  private static final List<String> ATTRIBUTES = List.of("country", "age", "plan", "ü");
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "0.0",
          "1",
          "1.0",
          "1.00",
          "-1",
          "17.999999999999999999",
          "18",
          "1e2",
          "100",
          "0.1",
          "1e-20",
          "12345678901234567890",
          "12345678901234567891",
          "1e99",
          "-1e99");
  private static final Instant BASE = Instant.parse("2026-06-01T00:00:00Z");

  private final Random random;

  RandomFlags(long seed) {
    this.random = new Random(seed);
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  String name() {
    return one(NAMES);
  }

  Instant at() {
    return BASE.plusSeconds(random.nextInt(5) - 2).plusNanos(random.nextInt(3) * 1_000L);
  }

  private Object scalar() {
    return switch (random.nextInt(5)) {
      case 0, 1 -> one(TEXTS);
      case 2, 3 -> new BigDecimal(one(NUMBERS));
      default -> random.nextBoolean();
    };
  }

  FlagSubject subject() {
    FlagSubject subject =
        chance(15)
            ? FlagSubject.anonymous()
            : FlagSubject.user(chance(50) ? one(USERS) : Long.toString(random.nextInt(100_000)));
    while (chance(30)) {
      subject = subject.inGroup(one(GROUPS));
    }
    while (chance(65)) {
      String attribute = one(ATTRIBUTES);
      Object value = scalar();
      if (value instanceof String text) {
        subject = subject.with(attribute, text);
      } else if (value instanceof BigDecimal number) {
        subject = subject.with(attribute, number);
      } else {
        subject = subject.with(attribute, (Boolean) value);
      }
    }
    return subject;
  }

  private FlagCondition condition() {
    String attribute = one(ATTRIBUTES);
    Number number = new BigDecimal(one(NUMBERS));
    FlagCondition condition =
        switch (random.nextInt(7)) {
          case 0 -> FlagCondition.isEqual(attribute, scalar());
          case 1 -> FlagCondition.isIn(attribute, scalar(), scalar(), scalar());
          case 2 -> FlagCondition.startsWith(attribute, one(TEXTS));
          case 3 -> FlagCondition.isLessThan(attribute, number);
          case 4 -> FlagCondition.isAtMost(attribute, number);
          case 5 -> FlagCondition.isGreaterThan(attribute, number);
          default -> FlagCondition.isAtLeast(attribute, number);
        };
    return chance(30) ? condition.not() : condition;
  }

  FlagDefinition definition() {
    FlagDefinition.Builder builder =
        FlagDefinition.builder().enabled(chance(92)).archived(chance(4));
    if (chance(65)) {
      builder.rolloutPercentage(
          chance(25) ? one(List.of(0.0, 0.01, 99.99, 100.0)) : random.nextInt(10_001) / 100.0);
    }
    while (chance(30)) {
      builder.allowUsers(one(USERS));
    }
    while (chance(20)) {
      builder.allowGroups(one(GROUPS));
    }
    while (chance(35)) {
      builder.when(condition());
    }
    if (chance(40)) {
      variants(builder);
    }
    Instant start = at();
    if (chance(15)) {
      builder.startsAt(start);
    }
    if (chance(15)) {
      builder.endsAt(start.plusSeconds(1 + random.nextInt(3)));
    }
    return builder.build();
  }

  private void variants(FlagDefinition.Builder builder) {
    int kind = random.nextInt(4);
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      Object value =
          switch (kind) {
            case 0 -> random.nextBoolean();
            case 1 -> one(TEXTS);
            case 2 -> new BigDecimal(one(NUMBERS));
            default -> chance(50) ? Map.of("n", i) : List.of(i, one(TEXTS));
          };
      builder.variant(
          "v" + i, value, i == 0 ? 1 + random.nextInt(10_000) : one(List.of(0, 1, 3, 10_000)));
    }
    if (chance(50)) {
      builder.offVariant("v" + random.nextInt(count));
    }
  }

  /** As flag_evaluate takes it. */
  static String context(FlagSubject subject) {
    ObjectNode context = MAPPER.createObjectNode();
    subject.userId().ifPresent(id -> context.put("user_id", id));
    ArrayNode groups = context.putArray("groups");
    subject.groups().forEach(groups::add);
    ObjectNode attributes = context.putObject("attributes");
    subject.attributes().forEach((name, value) -> attributes.set(name, MAPPER.valueToTree(value)));
    return context.toString();
  }

  /** What a flag is, in one line. */
  static String line(FlagEvaluation<? extends @Nullable Object> evaluation) {
    return String.join(
        "|",
        evaluation.reason().name(),
        evaluation.rule().sqlName(),
        evaluation.isOn() ? "on" : "off",
        String.valueOf(evaluation.variant()),
        String.valueOf(evaluation.value()));
  }
}
