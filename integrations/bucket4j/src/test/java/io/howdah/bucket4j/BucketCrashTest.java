package io.howdah.bucket4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.BucketProxy;
import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a crash of Postgres takes. */
@Tag("full")
@Timeout(180)
class BucketCrashTest {
  private static BucketProxy bucket(HowdahProxyManagerBuilder<String> builder) {
    return builder
        .build()
        .getProxy(
            "b",
            () ->
                BucketConfiguration.builder()
                    .addLimit(limit -> limit.capacity(5).refillIntervally(5, Duration.ofDays(1)))
                    .build());
  }

  @Test
  void crashFillsEphemeralBucketsAndLeavesDurableOnesAsTheyWere() {
    try (PrivatePostgres postgres = PrivatePostgres.create();
        Howdah howdah = Howdah.open(postgres.url())) {
      BucketProxy ephemeral = bucket(HowdahProxyManager.builder(howdah).namespace("ephemeral"));
      BucketProxy durable =
          bucket(
              HowdahProxyManager.builder(howdah)
                  .namespace("durable")
                  .durability(Durability.DURABLE));
      assertThat(ephemeral.tryConsume(5)).isTrue();
      assertThat(durable.tryConsume(5)).isTrue();
      postgres.stopImmediately();
      postgres.start();
      Eventually.holds("it is back", () -> isEmpty(durable));
      assertThat(ephemeral.tryConsume(5)).isTrue();
    }
  }

  private static boolean isEmpty(BucketProxy bucket) {
    try {
      return bucket.getAvailableTokens() == 0;
    } catch (HowdahException e) {
      // the connections are cut
      return false;
    }
  }
}
