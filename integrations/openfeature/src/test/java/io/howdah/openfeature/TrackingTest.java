package io.howdah.openfeature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.MutableContext;
import dev.openfeature.sdk.MutableTrackingEventDetails;
import io.howdah.Howdah;
import io.howdah.channel.RetainedMessage;
import io.howdah.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

/** What users do after they were shown something. */
@Timeout(120)
class TrackingTest extends ProviderTest {
  private List<String> kept(String channel) {
    return howdah.channels().read(channel, null, 1_000).stream()
        .map(RetainedMessage::payload)
        .toList();
  }

  @Test
  void trackedEventsAreThereWhenTheProviderIsShutDown() {
    howdah.channels().retain("shown", Duration.ofDays(1));
    Client client = client(HowdahProvider.builder(howdah).trackOn("shown").build());
    client.track(
        "bought",
        new MutableContext("ann").add("country", "DE"),
        new MutableTrackingEventDetails(9.5).add("currency", "EUR"));
    for (int i = 0; i < 100; i++) {
      client.track("seen");
    }
    api.shutdown();
    List<String> events = kept("shown");
    assertThat(events).hasSize(101);
    assertThat(JsonMapper.shared().readTree(events.get(0)))
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"event": "bought", "value": 9.5, "details": {"currency": "EUR"},
                     "context": {"targetingKey": "ann", "country": "DE"}}\
                    """));
  }

  @Test
  void eventThatCannotBePublishedDisturbsNobody() {
    howdah.channels().retain("large", Duration.ofDays(1));
    Client client = client(HowdahProvider.builder(howdah).trackOn("large").build());
    client.track("large", new MutableTrackingEventDetails().add("text", "x".repeat(2_000_000)));
    client.track("small");
    api.shutdown();
    assertThat(kept("large")).hasSize(1);
  }

  @Test
  void databaseThatIsAwayDisturbsNobody() {
    try (Howdah other = Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false).open()) {
      Client client = client(HowdahProvider.builder(other).trackOn("away").build());
      other.close();
      client.track("lost");
      api.shutdown();
    }
  }

  @Test
  void nothingIsTrackedWhereNoChannelIsSaid() {
    howdah.channels().retain("seen", Duration.ofDays(1));
    Client client = client(howdah);
    client.track("seen", new MutableContext("ann"));
    api.shutdown();
    assertThat(kept("seen")).isEmpty();
  }
}
