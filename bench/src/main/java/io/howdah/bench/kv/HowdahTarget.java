package io.howdah.bench.kv;

import static io.howdah.bench.measure.Profile.Family.HOWDAH;

import io.howdah.Codec;
import io.howdah.Howdah;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import io.howdah.kv.KeyValueStore;
import io.howdah.near.NearSettings;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Howdah as a program uses it: one instance with its default settings, blocking calls.
 *
 * @param <V> what is stored: JSON text or bytes
 */
final class HowdahTarget<V> implements BlockingTarget {

  private static final int KEYS_PER_CALL = 1_000;

  private final PostgresServer server;
  private final Durability durability;
  private final Codec<V> codec;
  private final Function<String, V> toStored;
  private final Function<V, String> fromStored;

  /** How many values a near cache keeps; 0 for none. */
  private final int nearEntries;

  private @Nullable Howdah howdah;
  private @Nullable KeyValueStore<V> store;

  private HowdahTarget(
      PostgresServer server,
      Durability durability,
      Codec<V> codec,
      Function<String, V> toStored,
      Function<V, String> fromStored,
      int nearEntries) {
    this.server = server;
    this.durability = durability;
    this.codec = codec;
    this.toStored = toStored;
    this.fromStored = fromStored;
    this.nearEntries = nearEntries;
  }

  /** Values are stored as {@code jsonb}, as plain JDBC stores them. */
  static HowdahTarget<String> json(PostgresServer server, Durability durability) {
    return new HowdahTarget<>(
        server, durability, Codec.rawJson(), Function.identity(), Function.identity(), 0);
  }

  /** An ephemeral namespace that notifies, with a near cache that has room for all values. */
  static HowdahTarget<String> near(PostgresServer server, int entries) {
    return new HowdahTarget<>(
        server,
        Durability.EPHEMERAL,
        Codec.rawJson(),
        Function.identity(),
        Function.identity(),
        entries);
  }

  /** Values are stored as bytes, as Redis stores them. */
  static HowdahTarget<byte[]> bytes(PostgresServer server, Durability durability) {
    return new HowdahTarget<>(
        server,
        durability,
        Codec.bytes(),
        value -> value.getBytes(StandardCharsets.UTF_8),
        stored -> new String(stored, StandardCharsets.UTF_8),
        0);
  }

  @Override
  public Profile profile() {
    String level = durability.name().toLowerCase(Locale.ROOT);
    boolean json = codec.kind() == Codec.Kind.JSON;
    if (nearEntries > 0) {
      return new Profile(
          "howdah-near",
          "Howdah, near cache",
          "Postgres through Howdah with its default settings; %s namespace that notifies, a near cache, values as JSON, blocking calls"
              .formatted(level),
          HOWDAH,
          durability);
    }
    return new Profile(
        "howdah-" + level + (json ? "" : "-bytes"),
        "Howdah " + level + (json ? "" : ", bytes"),
        "Postgres through Howdah with its default settings; %s namespace, values as %s, blocking calls"
            .formatted(level, json ? "JSON" : "bytes"),
        HOWDAH,
        durability);
  }

  static Howdah connect(PostgresServer server) {
    return Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open();
  }

  @Override
  public void open(int threads) {
    Howdah opened = HowdahTarget.connect(server);
    howdah = opened;
    KeyValueStore<V> made = opened.kv(namespace(), codec);
    store =
        nearEntries == 0 ? made : made.near(NearSettings.defaults().withMaxEntries(nearEntries));
  }

  @Override
  public void load(Dataset dataset) {
    createNamespace();
    for (Dataset.Range range : dataset.ranges(KEYS_PER_CALL)) {
      Map<String, V> values = new LinkedHashMap<>();
      for (int i = range.from(); i < range.to(); i++) {
        values.put(dataset.key(i), toStored.apply(dataset.value(i, 0)));
      }
      store().setAll(values);
    }
  }

  private void createNamespace() {
    if (howdah == null) {
      throw new IllegalStateException("not open");
    }
    howdah.namespaces().create(namespace(), io.howdah.Durability.valueOf(durability.name()));
    if (nearEntries > 0) {
      boolean isNew = howdah.namespaces().notifyChanges(namespace(), true);
      assert isNew;
    }
  }

  private String namespace() {
    return profile().name();
  }

  @Override
  public @Nullable String get(String key) {
    return store().get(key).map(fromStored).orElse(null);
  }

  @Override
  public void set(String key, String value) {
    store().set(key, toStored.apply(value));
  }

  private KeyValueStore<V> store() {
    if (store == null) {
      throw new IllegalStateException("not open");
    }
    return store;
  }

  @Override
  public void settle() throws SQLException {
    server.vacuum(PostgresServer.table(durability));
  }

  @Override
  public void close() {
    if (howdah != null) {
      howdah.close();
      howdah = null;
      store = null;
    }
  }
}
