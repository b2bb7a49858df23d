package io.howdah;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Postgres has lost what was in its unlogged tables: it recovered from a crash, a standby took
 * over, or a backup was restored. What was written since is there.
 *
 * @param epoch names the time since then; each wipe begins a new one
 * @param foundAt when somebody found it, by Postgres's clock; what was in the tables before may be
 *     gone
 * @param count how many wipes of this schema were found, this one included; more than one after the
 *     last that was announced when several happened before somebody looked
 * @param tables which tables were emptied
 */
public record Wipe(UUID epoch, Instant foundAt, long count, List<String> tables) {
  public Wipe {
    tables = List.copyOf(tables);
  }
}
