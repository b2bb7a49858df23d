package io.howdah.stats;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Who holds the oldest snapshot, and so keeps vacuum from removing what died since.
 *
 * @param what a transaction, a prepared transaction, a standby or a replication slot, with what is
 *     known of it
 * @param pid of its backend; empty for a prepared transaction and a slot
 * @param age how long it has been; empty for a slot, and where the role may not see it
 * @param transactions how many transactions began since
 */
public record SnapshotHolder(
    String what, OptionalInt pid, Optional<Duration> age, long transactions) {}
