package io.howdah.flag;

import java.time.Instant;

/**
 * A flag as it is stored.
 *
 * @param name its name
 * @param definition what it is
 * @param revision the number of the change that made it so; larger than those of all earlier
 *     changes of any flag
 * @param createdAt since when there is a flag of this name
 * @param updatedAt when it was changed last
 * @param updatedBy by whom
 */
public record Flag(
    String name,
    FlagDefinition definition,
    long revision,
    Instant createdAt,
    Instant updatedAt,
    String updatedBy) {}
