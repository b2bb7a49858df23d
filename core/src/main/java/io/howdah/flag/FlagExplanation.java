package io.howdah.flag;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Why a flag is what it is for a subject.
 *
 * @param evaluation what it is; the value is null where the caller's own default counts
 * @param text all of it in words, one sentence or more
 * @param rolloutBucket where the user stands among 10,000 for the rollout; empty without a user or
 *     a flag
 * @param variantBucket where he stands for the choice of a variant
 * @param flag the flag, and who has made it what it is; empty when there is none that can be read
 */
public record FlagExplanation(
    FlagEvaluation<@Nullable JsonNode> evaluation,
    String text,
    OptionalInt rolloutBucket,
    OptionalInt variantBucket,
    Optional<Flag> flag) {}
