package io.howdah.preference;

/** Where an effective preference comes from. */
public enum PreferenceOrigin {
  /** From the code: no layer has one. */
  DEFAULT,
  /** It holds for everybody. */
  SYSTEM,
  /** It holds for a group. */
  GROUP,
  /** The user has set it. */
  USER,
  /**
   * From the code: a layer has one that is no value of the key's type any more. It stays as it is,
   * and is logged once.
   */
  UNREADABLE
}
