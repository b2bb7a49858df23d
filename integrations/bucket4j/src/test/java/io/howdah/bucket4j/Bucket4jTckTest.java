package io.howdah.bucket4j;

import io.github.bucket4j.tck.AbstractDistributedBucketTest;
import io.github.bucket4j.tck.ProxyManagerSpec;
import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/**
 * Bucket4j's own tests of what it calls a proxy manager, blocking and asynchronous. Most of them
 * take tokens for seconds.
 */
@Tag("full")
class Bucket4jTckTest extends AbstractDistributedBucketTest {
  private static Howdah howdah;

  @BeforeAll
  static void open() {
    howdah =
        Howdah.builder(TestPostgres.url())
            .schema(TestPostgres.freshSchema(Bucket4jTckTest.class))
            // they ask how many tokens are taken, not how fast a busy machine answers
            .callTimeout(Duration.ofMinutes(1))
            .open();
    specs =
        List.of(
            new ProxyManagerSpec<>(
                    "ephemeral, text keys",
                    () -> UUID.randomUUID().toString(),
                    () -> HowdahProxyManager.builder(howdah))
                .checkExpiration(),
            new ProxyManagerSpec<>(
                    "durable, keys of a type",
                    UUID::randomUUID,
                    () ->
                        HowdahProxyManager.<UUID>builder(howdah, UUID::toString)
                            .namespace("durable")
                            .durability(Durability.DURABLE))
                .checkExpiration());
  }

  @AfterAll
  static void close() {
    howdah.close();
  }
}
