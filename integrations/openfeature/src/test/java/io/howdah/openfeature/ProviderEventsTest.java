package io.howdah.openfeature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.ErrorCode;
import dev.openfeature.sdk.EventDetails;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.ProviderEvent;
import dev.openfeature.sdk.ProviderState;
import dev.openfeature.sdk.exceptions.FatalError;
import dev.openfeature.sdk.exceptions.GeneralError;
import io.howdah.Howdah;
import io.howdah.schema.SchemaMode;
import io.howdah.testing.Eventually;
import io.howdah.testing.TcpProxy;
import io.howdah.testing.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said without being asked. */
@Timeout(120)
class ProviderEventsTest extends ProviderTest {
  private final Map<ProviderEvent, List<EventDetails>> heard = new ConcurrentHashMap<>();

  private void listen() {
    for (ProviderEvent event : ProviderEvent.values()) {
      heard.put(event, new CopyOnWriteArrayList<>());
      api.on(event, details -> heard.get(event).add(details));
    }
  }

  private void await(ProviderEvent event, int times) {
    Eventually.holds(event + " is heard", () -> heard.get(event).size() >= times);
  }

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
  void providerIsReadyWhenItHasReadTheFlags() {
    listen();
    Client client = client(howdah);
    await(ProviderEvent.PROVIDER_READY, 1);
    assertThat(client.getProviderState()).isEqualTo(ProviderState.READY);
    assertThat(heard.get(ProviderEvent.PROVIDER_READY).get(0).getProviderName())
        .isEqualTo("howdah");
  }

  @Test
  void changedFlagIsNamed() {
    set("changing", on());
    listen();
    Client client = client(howdah);
    try (Howdah other = Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false).open()) {
      other.flags().set("changing", on().enabled(false).build(), "test", null);
    }
    await(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, 1);
    assertThat(heard.get(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED).get(0).getFlagsChanged())
        .containsExactly("changing");
    assertThat(client.getBooleanValue("changing", true)).isFalse();
  }

  @Test
  void providerIsStaleWhileTheDatabaseIsAwayAndReadyAgain() throws IOException {
    set("kept", on());
    listen();
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port());
        Howdah cut = behind(proxy)) {
      // The first call of a busy machine may take longer than a call may here.
      Eventually.holds(
          "it is read", () -> cut.flags().isEnabled("kept", io.howdah.flag.FlagSubject.user("a")));
      Client client = client(cut);
      proxy.stall();
      set("kept", on().enabled(false));
      await(ProviderEvent.PROVIDER_STALE, 1);
      assertThat(client.getProviderState()).isEqualTo(ProviderState.STALE);
      assertThat(client.getBooleanValue("kept", false)).as("as it was").isTrue();
      int ready = heard.get(ProviderEvent.PROVIDER_READY).size();
      proxy.goOn();
      await(ProviderEvent.PROVIDER_READY, ready + 1);
      assertThat(client.getProviderState()).isEqualTo(ProviderState.READY);
      Eventually.holds("the change has come", () -> !client.getBooleanValue("kept", true));
      api.shutdown();
    }
  }

  @Test
  void providerThatCannotReadIsInErrorAndReadyLater() throws IOException {
    set("late", on());
    listen();
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port())) {
      proxy.stall();
      try (Howdah cut = behind(proxy)) {
        assertThatThrownBy(() -> client(cut)).isInstanceOf(GeneralError.class);
        await(ProviderEvent.PROVIDER_ERROR, 1);
        Client client = api.getClient();
        assertThat(client.getProviderState()).isEqualTo(ProviderState.ERROR);
        assertThat(client.getBooleanDetails("late", true).getErrorCode())
            .isEqualTo(ErrorCode.PROVIDER_NOT_READY);
        proxy.goOn();
        await(ProviderEvent.PROVIDER_READY, 1);
        assertThat(client.getProviderState()).isEqualTo(ProviderState.READY);
        assertThat(client.getBooleanValue("late", false)).isTrue();
        api.shutdown();
      }
    }
  }

  @Test
  void closedHowdahIsFatal() {
    listen();
    Howdah closed = Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false).open();
    closed.close();
    assertThatThrownBy(() -> client(closed)).isInstanceOf(FatalError.class);
    assertThat(api.getClient().getProviderState()).isEqualTo(ProviderState.FATAL);
    await(ProviderEvent.PROVIDER_ERROR, 1);
  }

  @Test
  void shutdownEndsTheEventsAndLeavesTheHowdahOpen() {
    Client client = client(howdah);
    listen();
    api.shutdown();
    Eventually.holds("nobody looks any more", () -> watchers() == 0);
    assertThat(client.getBooleanValue("whatever", true, new ImmutableContext("ann"))).isTrue();
    set("after", on());
    assertThat(howdah.flags().get("after")).isPresent();
    assertThat(heard.get(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED)).isEmpty();
  }

  @Test
  void replacedProviderIsShutDown() {
    client(howdah);
    client(howdah);
    Eventually.holds("one is left", () -> watchers() == 1);
    api.shutdown();
    Eventually.holds("none is left", () -> watchers() == 0);
  }

  private static long watchers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.isAlive() && thread.getName().equals("howdah-openfeature"))
        .count();
  }
}
