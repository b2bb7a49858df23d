package io.howdah.openfeature;

import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.OpenFeatureAPI;
import io.howdah.Howdah;
import io.howdah.flag.FlagDefinition;
import io.howdah.testing.HowdahTest;
import org.junit.jupiter.api.AfterEach;

/** Asks through an SDK of each test's own. */
abstract class ProviderTest extends HowdahTest {
  /** The application's is one for the process. */
  private static final class OwnApi extends OpenFeatureAPI {}

  protected final OpenFeatureAPI api = new OwnApi();

  protected final Client client(Howdah on) {
    return client(HowdahProvider.of(on));
  }

  protected final Client client(HowdahProvider provider) {
    api.setProviderAndWait(provider);
    return api.getClient();
  }

  protected final void set(String name, FlagDefinition.Builder definition) {
    howdah.flags().set(name, definition.build(), "test", null);
  }

  protected static FlagDefinition.Builder on() {
    return FlagDefinition.builder().enabled(true);
  }

  @AfterEach
  final void shutDown() {
    api.shutdown();
  }
}
