package io.howdah.flag;

/** Why a flag has the value that it has, by the names of OpenFeature. */
public enum FlagReason {
  /** The same for everybody. */
  STATIC,
  /** The flag is not for this subject. */
  DEFAULT,
  /** A rule is about this subject. */
  TARGETING_MATCH,
  /** It depends on where the user stands among all. */
  SPLIT,
  /** The flag is off at present, for everybody. */
  DISABLED,
  /** It could not be told; {@link FlagEvaluation#rule} says why. */
  ERROR
}
