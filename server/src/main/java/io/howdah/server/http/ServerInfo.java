package io.howdah.server.http;

import org.jspecify.annotations.Nullable;

/**
 * What the server says about itself.
 *
 * @param schema the schema in the database
 * @param schemaVersion the version of it that the server works with
 * @param postgresVersion such as 18.1, as it was at the start
 * @param jdbcUrl where the embedded database is, which has no password; null with another one
 */
public record ServerInfo(
    String schema, int schemaVersion, String postgresVersion, @Nullable String jdbcUrl) {}
