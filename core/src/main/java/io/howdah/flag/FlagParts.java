package io.howdah.flag;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The members of a definition, checked. */
record FlagParts(
    boolean enabled,
    boolean archived,
    @Nullable BigDecimal rollout,
    List<String> allowedUserIds,
    List<String> allowedGroups,
    List<FlagCondition> conditions,
    List<FlagVariant> variants,
    @Nullable String offVariant,
    @Nullable Instant startsAt,
    @Nullable Instant endsAt,
    String metadata) {

  /**
   * The rollout in hundredths of a percent, 0 to 10,000: what is said, or follows from the rest.
   */
  int rolloutInTenThousand() {
    if (rollout != null) {
      return rollout.movePointRight(2).intValueExact();
    }
    boolean listsAlone =
        conditions.isEmpty() && !(allowedUserIds.isEmpty() && allowedGroups.isEmpty());
    return listsAlone ? 0 : 10_000;
  }
}
