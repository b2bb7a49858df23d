package io.howdah.bench.job;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.howdah.bench.server.PostgresServer;

/** The pools of those who need one. */
final class JobPools {
  private JobPools() {}

  static HikariDataSource open(PostgresServer postgres, int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(postgres.jdbcUrl());
    config.setSchema(PostgresServer.SCHEMA);
    config.setMaximumPoolSize(connections);
    return new HikariDataSource(config);
  }
}
