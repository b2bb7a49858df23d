package io.howdah.flag;

import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Says in words why a flag is what it is. */
final class Explanations {
  private Explanations() {}

  static String text(
      String name,
      FlagSubject subject,
      FlagEvaluation<?> evaluation,
      @Nullable Flag flag,
      @Nullable CompiledFlag compiled,
      OptionalInt bucket) {
    StringBuilder text = new StringBuilder();
    text.append(name)
        .append(evaluation.isOn() ? " is on" : " is off")
        .append(" for ")
        .append(subject.userId().map(id -> "user " + id).orElse("somebody unknown"));
    if (evaluation.variant() != null) {
      text.append(", variant ").append(evaluation.variant());
    }
    text.append(": ").append(evaluation.details());
    boolean split =
        evaluation.rule() == FlagRule.IN_ROLLOUT || evaluation.rule() == FlagRule.NOT_IN_ROLLOUT;
    if (split && compiled != null && bucket.isPresent()) {
      text.append(
          String.format(
              Locale.ROOT,
              " (at %.2f %% of all, and it is on below %s %%)",
              bucket.getAsInt() / 100.0,
              compiled.rollout().toPlainString()));
    }
    text.append('.');
    if (flag != null) {
      text.append(" It is as ")
          .append(flag.updatedBy())
          .append(" made it at ")
          .append(flag.updatedAt())
          .append(", revision ")
          .append(flag.revision())
          .append('.');
    }
    return text.toString();
  }
}
