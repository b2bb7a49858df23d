package io.howdah.fault;

import io.howdah.testing.Programs;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** The same with prepared statements, through a PgBouncer that knows them, where there is one. */
@Tag("full")
class PreparingPoolerFaultTest extends PoolerFaultTest {
  @Override
  Path program() {
    return Programs.requireNamed("HOWDAH_TEST_PGBOUNCER");
  }

  @Override
  String moreSettings() {
    return "max_prepared_statements = 200";
  }

  @Override
  String parameters() {
    return "&prepareThreshold=1";
  }
}
