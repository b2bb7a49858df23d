package io.howdah.config;

/** Where a configuration value comes from. */
public enum ConfigOrigin {
  /** From the code: none is stored. */
  DEFAULT,
  /** From the database. */
  STORED,
  /**
   * From the code: what is stored is no value of the key's type, or does not pass its check. It
   * stays as it is, and is logged.
   */
  UNUSABLE
}
