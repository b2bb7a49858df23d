package io.howdah.openfeature;

import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.Value;
import io.howdah.InvalidArgumentException;
import io.howdah.flag.FlagSubject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes subjects of evaluation contexts. */
final class Subjects {
  private final String groupsAttribute;

  Subjects(String groupsAttribute) {
    this.groupsAttribute = groupsAttribute;
  }

  /**
   * @throws InvalidArgumentException when something in it is past its limit, or the groups are none
   */
  FlagSubject of(@Nullable EvaluationContext context) {
    if (context == null) {
      return FlagSubject.anonymous();
    }
    String key = context.getTargetingKey();
    FlagSubject subject =
        key == null || key.isEmpty() ? FlagSubject.anonymous() : FlagSubject.user(key);
    for (Map.Entry<String, Value> each : context.asUnmodifiableMap().entrySet()) {
      String name = each.getKey();
      Value value = each.getValue();
      if (name.equals(EvaluationContext.TARGETING_KEY) || value == null || value.isNull()) {
        continue;
      }
      subject =
          name.equals(groupsAttribute)
              ? subject.inGroups(groups(value))
              : withAttribute(subject, name, value);
    }
    return subject;
  }

  private static FlagSubject withAttribute(FlagSubject subject, String name, Value value) {
    if (value.isBoolean()) {
      return subject.with(name, value.asBoolean().booleanValue());
    }
    if (value.isString()) {
      return subject.with(name, value.asString());
    }
    if (value.isNumber()) {
      return subject.with(name, (Number) value.asObject());
    }
    if (value.isInstant()) {
      return subject.with(name, value.asInstant().toString());
    }
    return subject;
  }

  private List<String> groups(Value value) {
    if (value.isString()) {
      return List.of(value.asString());
    }
    List<String> all = new ArrayList<>();
    if (value.isList()) {
      value.asList().stream().filter(Value::isString).forEach(each -> all.add(each.asString()));
    }
    if (!value.isList() || all.size() < value.asList().size()) {
      throw new InvalidArgumentException(
          groupsAttribute, groupsAttribute + ": a list of texts expected");
    }
    return all;
  }
}
