package io.howdah.flag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.engine.Listener;
import io.howdah.schema.SchemaMode;
import io.howdah.stats.Health;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TcpProxy;
import io.howdah.testing.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The database is away: flags go on as they were. */
@Timeout(120)
class FlagOutageTest extends HowdahTest {
  private static final FlagSubject ANN = FlagSubject.user("ann");
  private static final FlagDefinition ON = FlagDefinition.builder().enabled(true).build();
  private static final FlagDefinition OFF = FlagDefinition.builder().build();

  private Howdah behind(TcpProxy proxy) {
    return Howdah.builder(TestPostgres.urlAt(proxy.port()))
        .schema(schema)
        .schemaMode(SchemaMode.NONE)
        .sweeper(false)
        .callTimeout(Duration.ofMillis(500))
        .flagPollInterval(Duration.ofMillis(100))
        .open();
  }

  @Test
  void lastSnapshotGoesOnAndSaysSo() throws IOException {
    howdah.flags().set("f", ON, "test", null);
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port());
        Howdah cut = behind(proxy)) {
      // The first call of a busy machine may take longer than a call may here.
      Eventually.holds("it is read", () -> cut.flags().isEnabled("f", ANN));
      assertThat(cut.health().degraded()).doesNotContainKey(Health.Reason.FLAGS);
      proxy.stall();
      howdah.flags().set("f", OFF, "test", null);
      Eventually.holds("it is noticed", () -> cut.flags().status().trouble().isPresent());
      assertThat(cut.flags().isEnabled("f", ANN)).as("as it was").isTrue();
      assertThat(cut.health().degraded().get(Health.Reason.FLAGS))
          .startsWith("flags are as they were");
      assertThatThrownBy(() -> cut.flags().refresh()).isInstanceOf(HowdahException.class);
      proxy.goOn();
      Eventually.holds("the change has come", () -> !cut.flags().isEnabled("f", ANN));
      Eventually.holds("all is well", () -> cut.flags().status().trouble().isEmpty());
    }
  }

  /** The first who asks waits as long as a call may; nobody after him. */
  @Test
  void beforeTheFirstLoadThereAreDefaults() throws IOException {
    howdah.flags().set("g", ON, "test", null);
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port())) {
      proxy.stall();
      try (Howdah cut = behind(proxy)) {
        FlagEvaluation<Boolean> first = cut.flags().evaluateBoolean("g", true, ANN);
        assertThat(first.value()).isTrue();
        assertThat(first.reason()).isEqualTo(FlagReason.ERROR);
        assertThat(first.rule()).isEqualTo(FlagRule.NOT_LOADED);
        assertThat(first.isOn()).isFalse();
        long began = System.nanoTime();
        for (int i = 0; i < 1_000; i++) {
          assertThat(cut.flags().isEnabled("g", ANN)).isFalse();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        assertThat(cut.flags().status().isLoaded()).isFalse();
        assertThat(cut.health().degraded().get(Health.Reason.FLAGS))
            .startsWith("flags have their defaults");
        proxy.goOn();
        Eventually.holds("they were loaded", () -> cut.flags().isEnabled("g", ANN));
      }
    }
  }

  /** It polls once an hour: what is heard of is asked for until there is an answer. */
  @Test
  void changeThatWasHeardOfIsNotForgottenWhenAskingFails() throws IOException {
    howdah.flags().set("heard", ON, "test", null);
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port());
        Howdah cut =
            Howdah.builder(TestPostgres.urlAt(proxy.port()))
                .schema(schema)
                .schemaMode(SchemaMode.NONE)
                .sweeper(false)
                .callTimeout(Duration.ofMillis(500))
                .listenUrl(TestPostgres.url())
                .flagPollInterval(Duration.ofHours(1))
                .open()) {
      Eventually.holds("it is read", () -> cut.flags().isEnabled("heard", ANN));
      Eventually.holds("it listens", () -> cut.stats().listening().state() == Listener.State.PUSH);
      proxy.stall();
      howdah.flags().set("heard", OFF, "test", null);
      Eventually.holds("asking failed", () -> cut.flags().status().trouble().isPresent());
      proxy.goOn();
      Eventually.holds("the change has come", () -> !cut.flags().isEnabled("heard", ANN));
    }
  }

  /** It polls once an hour: one caller's interrupt leaves nobody else without flags. */
  @Test
  void interruptOfTheFirstCallerIsMadeGood() {
    howdah.flags().set("interrupted", ON, "test", null);
    try (Howdah other =
        TestPostgres.builder()
            .schema(schema)
            .sweeper(false)
            .listen(false)
            .flagPollInterval(Duration.ofHours(1))
            .open()) {
      Thread.currentThread().interrupt();
      assertThat(other.flags().isEnabled("interrupted", ANN)).isFalse();
      assertThat(Thread.interrupted()).isTrue();
      Eventually.holds("they were loaded", () -> other.flags().isEnabled("interrupted", ANN));
    }
  }

  @Test
  void closedHowdahKeepsWhatItKnew() {
    howdah.flags().set("h", ON, "test", null);
    Howdah closed = TestPostgres.builder().schema(schema).sweeper(false).open();
    Flags flags = closed.flags();
    assertThat(flags.isEnabled("h", ANN)).isTrue();
    closed.close();
    assertThat(flags.isEnabled("h", ANN)).isTrue();
    assertThatThrownBy(() -> flags.set("h", OFF, "test", null)).isInstanceOf(HowdahException.class);
  }
}
