package io.howdah.cli.pgbouncer;

import org.jspecify.annotations.Nullable;

/**
 * A role that logs in through the pooler.
 *
 * @param connectionLimit how many connections it may have; negative for no limit
 * @param secret what Postgres keeps of its password; null when that may not be read
 */
public record Role(String name, int connectionLimit, @Nullable String secret) {
  boolean hasMd5Secret() {
    return secret != null && secret.startsWith("md5");
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "Role[" + name + "]";
  }
}
