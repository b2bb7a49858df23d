package io.howdah.channel;

import java.time.Instant;

/**
 * A message of a retained channel.
 *
 * @param cursor where to go on after it; opaque
 * @param publishedAt when the statement that published it began, by the clock of Postgres
 */
public record RetainedMessage(String cursor, String payload, Instant publishedAt) {}
