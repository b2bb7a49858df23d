package io.howdah.spring;

import io.howdah.schema.SchemaMode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The settings of the Howdah of a Spring Boot application. They are checked by {@code
 * Howdah.Builder}, which says their limits.
 *
 * @param enabled Whether there is a Howdah at all.
 * @param schema Schema of its tables and functions, 1 to 48 of a-z, 0-9 and _.
 * @param schemaMode What is done about the schema at the start: migrate creates it or brings it up
 *     to date, validate checks its version, none does nothing.
 * @param start Whether the application waits for the database at its start and ends when it is
 *     away, or starts without it.
 * @param lanes Connections of its own that it may open, beside those of the pool, 1 to 32; 8 by
 *     default, and 4 behind a transaction pooler.
 * @param callTimeout Deadline of a call, 10 ms to 10 minutes.
 * @param lockTimeout How long a statement waits for a row that a transaction outside holds, before
 *     the calls on it are set aside, 1 ms to 10 s.
 * @param maxValueSize Largest encoded value, 1 B to 256 MB.
 * @param listen Whether it listens to notifications, over one connection that is made when
 *     something needs it.
 * @param listenUrl JDBC URL of the same database without a transaction pooler in between, for
 *     listening only. By default it listens where the pool leads.
 * @param pollInterval How often it looks for changes where nothing can be heard, 100 ms to 1
 *     minute.
 * @param wipeCheckInterval How often it looks whether Postgres has lost its unlogged tables, 100 ms
 *     to 1 minute.
 * @param flagPollInterval How often it asks whether a feature flag has changed, 100 ms to 1 hour.
 * @param joinTransactions Whether calls are part of the transaction of Spring's that their thread
 *     is in.
 * @param sweeper Whether this process takes part in removing dead rows in the background.
 */
@ConfigurationProperties("howdah")
public record HowdahProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("howdah") String schema,
    @DefaultValue("migrate") SchemaMode schemaMode,
    @DefaultValue("eager") Start start,
    @Nullable Integer lanes,
    @DefaultValue("5s") Duration callTimeout,
    @DefaultValue("50ms") Duration lockTimeout,
    @DefaultValue("16MB") DataSize maxValueSize,
    @DefaultValue("true") boolean listen,
    @Nullable String listenUrl,
    @DefaultValue("1s") Duration pollInterval,
    @DefaultValue("1s") Duration wipeCheckInterval,
    @DefaultValue("1s") Duration flagPollInterval,
    @DefaultValue("true") boolean joinTransactions,
    @DefaultValue("true") boolean sweeper) {

  /** What a database that is away means to the start of the application. */
  public enum Start {
    /** It fails, and says so. */
    EAGER,
    /** Nothing yet: calls fail until the database is there, and the schema is seen to then. */
    LAZY
  }

  /** Without the URL to listen at: there may be a password in it. */
  @Override
  public String toString() {
    return "HowdahProperties[enabled="
        + enabled
        + ", schema="
        + schema
        + ", schemaMode="
        + schemaMode
        + ", start="
        + start
        + ", lanes="
        + lanes
        + ", callTimeout="
        + callTimeout
        + ", lockTimeout="
        + lockTimeout
        + ", maxValueSize="
        + maxValueSize
        + ", listen="
        + listen
        + ", pollInterval="
        + pollInterval
        + ", wipeCheckInterval="
        + wipeCheckInterval
        + ", flagPollInterval="
        + flagPollInterval
        + ", joinTransactions="
        + joinTransactions
        + ", sweeper="
        + sweeper
        + "]";
  }
}
