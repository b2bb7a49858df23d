package io.howdah.bench.kv;

import static io.howdah.bench.measure.Profile.Family.HOWDAH;

import io.howdah.Codec;
import io.howdah.Howdah;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import io.howdah.kv.AsyncKeyValueStore;
import io.howdah.kv.KeyValueStore;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Howdah's asynchronous calls, for callers that need not wait: the counterpart of Lettuce's. */
final class HowdahAsyncTarget implements PipelinedTarget {

  private static final String NAMESPACE = "howdah-async";
  private static final int KEYS_PER_CALL = 1_000;

  private final PostgresServer server;
  private final int window;
  private @Nullable Howdah howdah;
  private @Nullable KeyValueStore<String> store;

  HowdahAsyncTarget(PostgresServer server, int window) {
    this.server = server;
    this.window = window;
  }

  @Override
  public Profile profile() {
    return new Profile(
        "howdah-async",
        "Howdah ephemeral, async ×" + window,
        "Postgres through Howdah with its default settings; ephemeral namespace, values as JSON,"
            + " asynchronous calls, %d in flight for each thread".formatted(window),
        HOWDAH,
        Durability.EPHEMERAL);
  }

  @Override
  public int window() {
    return window;
  }

  @Override
  public void open(int threads) {
    Howdah opened = HowdahTarget.connect(server);
    howdah = opened;
    store = opened.kv(NAMESPACE, Codec.rawJson());
  }

  @Override
  public void load(Dataset dataset, LoadWatch watch) {
    for (Dataset.Range range : dataset.ranges(KEYS_PER_CALL)) {
      Map<String, String> values = new LinkedHashMap<>();
      for (int i = range.from(); i < range.to(); i++) {
        values.put(dataset.key(i), dataset.value(i, 0));
      }
      store().setAll(values);
      watch.loaded(range.to());
    }
  }

  @Override
  public Pipe pipe(int thread) {
    return new HowdahPipe(store().async());
  }

  private KeyValueStore<String> store() {
    if (store == null) {
      throw new IllegalStateException("not open");
    }
    return store;
  }

  @Override
  public void settle() throws SQLException {
    server.vacuum(PostgresServer.table(profile().durability()));
  }

  @Override
  public void close() {
    if (howdah != null) {
      howdah.close();
      howdah = null;
      store = null;
    }
  }

  private record HowdahPipe(AsyncKeyValueStore<String> store) implements Pipe {

    @Override
    public CompletionStage<? extends @Nullable String> get(String key) {
      return store.get(key).thenApply(HowdahPipe::orNull);
    }

    private static @Nullable String orNull(Optional<String> value) {
      return value.orElse(null);
    }

    @Override
    public CompletionStage<?> set(String key, String value) {
      return store.set(key, value);
    }

    @Override
    public void flush() {
      // The engine sends a call as soon as a lane is free.
    }
  }
}
