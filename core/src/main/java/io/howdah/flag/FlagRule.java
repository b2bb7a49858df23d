package io.howdah.flag;

import java.util.Locale;

/**
 * What has decided about a flag. Those up to {@link #NOT_IN_ROLLOUT} in the order in which they are
 * asked; docs/flags.md has the table.
 */
public enum FlagRule {
  /** There is no flag of this name. */
  FLAG_NOT_FOUND(FlagReason.ERROR, "there is no flag of this name"),
  /** The flag is archived. */
  ARCHIVED(FlagReason.DISABLED, "the flag is archived"),
  /** The flag is not enabled. */
  NOT_ENABLED(FlagReason.DISABLED, "the flag is not enabled"),
  /** Its start has not come. */
  NOT_STARTED(FlagReason.DISABLED, "the flag starts later"),
  /** Its end has come. */
  ENDED(FlagReason.DISABLED, "the flag has ended"),
  /** The user is one of the allowed ones. */
  ALLOWED_USER(FlagReason.TARGETING_MATCH, "the user is one of the allowed users"),
  /** The user is in one of the allowed groups. */
  ALLOWED_GROUP(FlagReason.TARGETING_MATCH, "the user is in an allowed group"),
  /** One of the conditions does not hold. */
  CONDITION_NOT_MET(FlagReason.DEFAULT, "a condition does not hold"),
  /** It is rolled out to nobody beside those who are allowed by name. */
  NO_ROLLOUT(FlagReason.DEFAULT, "the flag is for allowed users and groups only, or for nobody"),
  /** It is rolled out to everybody. */
  EVERYBODY(FlagReason.STATIC, "the flag is on for everybody"),
  /** It is rolled out to all for whom its conditions hold, and they do. */
  CONDITIONS_MET(FlagReason.TARGETING_MATCH, "all conditions hold"),
  /** It is rolled out to a part of the users, and nobody says who this one is. */
  NO_USER(FlagReason.DEFAULT, "the flag is rolled out to a part of the users, and none is named"),
  /** The user is in the part that it is rolled out to. */
  IN_ROLLOUT(FlagReason.SPLIT, "the user is in the part that the flag is rolled out to"),
  /** The user is not in that part. */
  NOT_IN_ROLLOUT(FlagReason.SPLIT, "the user is not in the part that the flag is rolled out to"),

  /** The flags could not be read yet: the database does not answer. In Java only. */
  NOT_LOADED(FlagReason.ERROR, "the flags could not be read from the database yet"),
  /** The flag was stored by something newer than this library, or past its checks. */
  UNREADABLE(FlagReason.ERROR, "the stored definition cannot be read by this library"),
  /** The value is not of the kind that was asked for. */
  TYPE_MISMATCH(FlagReason.ERROR, "the value is not of the kind that was asked for");

  private final FlagReason reason;
  private final String details;

  FlagRule(FlagReason reason, String details) {
    this.reason = reason;
    this.details = details;
  }

  /** The reason that it gives, by OpenFeature's names. */
  public FlagReason reason() {
    return reason;
  }

  /** In words. */
  public String details() {
    return details;
  }

  /** As SQL and JSON spell it. */
  public String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a flag is on by it. */
  boolean isOn() {
    return switch (this) {
      case ALLOWED_USER, ALLOWED_GROUP, EVERYBODY, CONDITIONS_MET, IN_ROLLOUT -> true;
      default -> false;
    };
  }
}
