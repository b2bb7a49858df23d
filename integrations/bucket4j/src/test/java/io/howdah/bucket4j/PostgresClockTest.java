package io.howdah.bucket4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PostgresClockTest extends HowdahTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private long postgres() {
    return Long.parseLong(
        sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1000").get(0));
  }

  @Test
  void saysWhatPostgresSays() {
    PostgresClock clock = new PostgresClock(howdah, System::nanoTime);
    for (int i = 0; i < 3; i++) {
      // it is asked in the middle of a round trip, which may take long on a busy machine
      long before = postgres() - 5 * SECOND;
      long said = clock.currentTimeNanos();
      assertThat(said).isBetween(before, postgres() + 5 * SECOND);
    }
    assertThat(clock.isWallClockBased()).isTrue();
  }

  @Test
  void countsOnBetweenTwoLooksAndThenComesBackToPostgres() {
    AtomicLong count = new AtomicLong();
    PostgresClock clock = new PostgresClock(howdah, count::get);
    long began = clock.currentTimeNanos();
    count.addAndGet(59 * SECOND);
    assertThat(clock.currentTimeNanos()).isEqualTo(began + 59 * SECOND);
    // this process counts an hour while Postgres does not
    count.addAndGet(3_600 * SECOND);
    assertThat(clock.currentTimeNanos()).isEqualTo(began + 3_659 * SECOND);
    Eventually.holds(
        "it has looked again", () -> clock.currentTimeNanos() < began + 1_800 * SECOND);
    assertThat(clock.currentTimeNanos()).isGreaterThanOrEqualTo(began);
  }

  @Test
  void firstLookFailsWhereThereIsNoDatabaseAndLaterOnesCountOn() {
    AtomicLong count = new AtomicLong();
    Howdah other = Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false).open();
    PostgresClock clock = new PostgresClock(other, count::get);
    long began = clock.currentTimeNanos();
    PostgresClock unused = new PostgresClock(other, count::get);
    other.close();
    assertThatThrownBy(unused::currentTimeNanos).isInstanceOf(HowdahException.class);
    count.addAndGet(61 * SECOND);
    assertThat(clock.currentTimeNanos()).isEqualTo(began + 61 * SECOND);
    assertThat(clock.currentTimeNanos()).isEqualTo(began + 61 * SECOND);
  }
}
