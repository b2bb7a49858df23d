package io.howdah.cli.doctor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the database cannot tell of the application.
 *
 * @param schema the schema of Howdah's tables
 * @param appRole the role that the application connects as; null for that of the URL
 * @param poolSize the connections of the application's own pool in each process; null when unknown
 * @param lanes the connections of Howdah's engine in each process
 * @param instances how many processes there are
 * @param longTransaction how long a transaction may be open
 */
public record Situation(
    String schema,
    @Nullable String appRole,
    @Nullable Integer poolSize,
    int lanes,
    int instances,
    Duration longTransaction) {}
