package io.howdah.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Statements on jobs read the rows that they are about, however many there are beside, in plans
 * made while the tables were empty and in later ones.
 */
class JobPlanTest extends HowdahTest {
  private static final List<String> CALLS =
      List.of(
          "SELECT count(*) FROM $.job_take('q', 10, '1 min', 'w')",
          "SELECT $._job_next_in('q')",
          "SELECT count(*) FROM $._job_complete_many(ARRAY[1, 2, 3], '{w#1,w#1,w#1}', NULL, true)",
          "SELECT $._job_heartbeat_many(ARRAY[4, 5], '{w#1,w#1}', '1 min')",
          "SELECT $._job_release_many(ARRAY[6, 7], '{w#1,w#1}')",
          "SELECT $.job_fail(8, 'w#1', 'e', '1 h')",
          "SELECT $.job_cancel(9)",
          "SELECT $.job_retry(-5)",
          "SELECT count(*) FROM $.job_get(10)",
          "SELECT count(*) FROM $.job_list('q', 'dead', -1000000, 10)");

  @Test
  void nothingIsReadButWhatTheCallIsAbout() throws SQLException {
    try (Connection connection = connect()) {
      assertReads(connection);
      assertThat(
              sql(
                  "INSERT INTO $.job (id, run_at, enqueued_at, priority, attempt, max_attempts, leases, queue, payload)"
                      + " SELECT i, now() - interval '1 h' + i * interval '1 ms', now(), i % 3, 0, 25, 0, 'q', '{}'"
                      + " FROM generate_series(1, 20000) AS i"))
          .isEmpty();
      // Those with a smaller priority that wait for their time.
      assertThat(
              sql(
                  "INSERT INTO $.job (id, run_at, enqueued_at, priority, attempt, max_attempts, leases, queue, payload)"
                      + " SELECT 100000 + i, now() + interval '1 h', now(), -1, 0, 25, 0, 'q', '{}'"
                      + " FROM generate_series(1, 20000) AS i"))
          .isEmpty();
      assertThat(
              sql(
                  "INSERT INTO $.job_ended (id, run_at, enqueued_at, ended_at, expires_at, priority, attempt, max_attempts, leases, state, queue, payload)"
                      + " SELECT -i, now(), now(), now(), now() + interval '1 h', 0, 1, 25, 1, CASE WHEN i % 100 = 0 THEN 'dead' ELSE 'completed' END, 'q', '{}'"
                      + " FROM generate_series(1, 40000) AS i"))
          .isEmpty();
      assertReads(connection);
      assertThat(sql("ANALYZE $.job, $.job_ended")).isEmpty();
      assertReads(connection);
      assertReads(connection);
    }
  }

  /** A queue is drained, vacuum and analyze see no rows in many pages, and then it fills again. */
  @Test
  void norWhereTheStatisticsKnowOfNoRows() throws SQLException {
    try (Connection connection = connect()) {
      String waiting =
          "INSERT INTO $.job (id, run_at, enqueued_at, priority, attempt, max_attempts, leases, queue, payload)"
              + " SELECT i, now() - interval '1 h', now(), 0, 0, 25, 0, 'q', '{}' FROM generate_series(?, ?) AS i";
      assertThat(sql(waiting, 1, 20_000)).isEmpty();
      assertThat(sql("DELETE FROM $.job")).isEmpty();
      assertThat(sql("VACUUM (ANALYZE, TRUNCATE off) $.job")).isEmpty();
      assertThat(sql(waiting, 1, 20_000)).isEmpty();
      assertReads(connection);
      assertReads(connection);
    }
  }

  @BeforeEach
  void empty() {
    assertThat(sql("TRUNCATE $.job, $.job_ended")).isEmpty();
  }

  private void assertReads(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    for (String call : CALLS) {
      assertThat(sql(connection, call)).as(call).hasSize(1);
      for (String table : List.of("job", "job_ended")) {
        assertThat(
                sql(
                    connection,
                    "SELECT pg_stat_get_xact_numscans(to_regclass(?))::text || ' scans, ' || (SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(i.indexrelid)), 0) < 200 FROM pg_index AS i WHERE i.indrelid = to_regclass(?))",
                    schema + "." + table,
                    schema + "." + table))
            .as("%s on %s", call, table)
            .containsExactly("0 scans, true");
      }
      connection.rollback();
    }
    connection.setAutoCommit(true);
  }
}
