package io.howdah.openfeature;

import dev.openfeature.sdk.ImmutableStructure;
import dev.openfeature.sdk.Value;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Values of flags as OpenFeature has them. Each method gives null for a value of another type. */
final class Values {
  private Values() {}

  static @Nullable Boolean toBoolean(JsonNode node) {
    return node.isBoolean() ? node.booleanValue() : null;
  }

  static @Nullable String toText(JsonNode node) {
    return node.isString() ? node.stringValue() : null;
  }

  static @Nullable Integer toInteger(JsonNode node) {
    if (!node.isNumber()) {
      return null;
    }
    try {
      return node.decimalValue().intValueExact();
    } catch (ArithmeticException e) {
      return null;
    }
  }

  static @Nullable Double toDouble(JsonNode node) {
    return node.isNumber() ? node.decimalValue().doubleValue() : null;
  }

  /** Never null: every JSON has its value. */
  static Value toValue(JsonNode node) {
    if (node.isBoolean()) {
      return new Value(node.booleanValue());
    }
    if (node.isString()) {
      return new Value(node.stringValue());
    }
    if (node.isNumber()) {
      Integer whole = toInteger(node);
      return whole == null ? new Value(node.decimalValue().doubleValue()) : new Value(whole);
    }
    if (node.isArray()) {
      List<Value> all = new ArrayList<>();
      node.forEach(each -> all.add(toValue(each)));
      return new Value(all);
    }
    if (node.isObject()) {
      Map<String, Value> members = new LinkedHashMap<>();
      node.properties().forEach(each -> members.put(each.getKey(), toValue(each.getValue())));
      return new Value(new ImmutableStructure(members));
    }
    return new Value();
  }

  /** A number as it is best kept: an int, a long or a double. */
  static Number toNumber(JsonNode node) {
    BigDecimal exact = node.decimalValue();
    try {
      long whole = exact.longValueExact();
      return whole == (int) whole ? (Number) (int) whole : (Number) whole;
    } catch (ArithmeticException e) {
      return exact.doubleValue();
    }
  }
}
