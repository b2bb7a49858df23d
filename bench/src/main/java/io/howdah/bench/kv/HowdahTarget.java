package io.howdah.bench.kv;

import static io.howdah.bench.measure.Profile.Family.HOWDAH;

import io.howdah.Codec;
import io.howdah.Howdah;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PgBouncerServer;
import io.howdah.bench.server.PostgresServer;
import io.howdah.kv.KeyValueStore;
import io.howdah.near.NearSettings;
import io.howdah.schema.SchemaMode;
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

  private static final int ROWS_PER_STATEMENT = 100_000;

  private final PostgresServer server;
  private final Way way;
  private final Form<V> form;

  /** How many values a near cache keeps; 0 for none. */
  private final int nearEntries;

  private @Nullable Howdah howdah;
  private @Nullable KeyValueStore<V> store;
  private @Nullable KeyValueStore<Long> counters;

  /** What values are stored as. */
  private record Form<V>(
      String name,
      Codec<V> codec,
      String column,
      String cast,
      Function<String, V> toStored,
      Function<V, String> fromStored) {

    static final Form<String> JSON =
        new Form<>(
            "JSON", Codec.rawJson(), "value", "v::jsonb", Function.identity(), Function.identity());

    static final Form<byte[]> BYTES =
        new Form<>(
            "bytes",
            Codec.bytes(),
            "bytes",
            "convert_to(v, 'UTF8')",
            value -> value.getBytes(StandardCharsets.UTF_8),
            stored -> new String(stored, StandardCharsets.UTF_8));
  }

  /**
   * How it is called.
   *
   * @param profile who it is then
   * @param url of the server or of a pooler
   */
  private record Way(Profile profile, String url, Variant variant) {

    Howdah open(SchemaMode mode) {
      Howdah.Builder builder = Howdah.builder(url).schema(schema()).schemaMode(mode);
      if (variant.lanes() > 0) {
        builder.lanes(variant.lanes());
      }
      return builder.open();
    }

    String schema() {
      return PostgresServer.HOWDAH_SCHEMA + variant.suffix();
    }
  }

  private HowdahTarget(PostgresServer server, Way way, Form<V> form, int nearEntries) {
    this.server = server;
    this.way = way;
    this.form = form;
    this.nearEntries = nearEntries;
  }

  /** Values are stored as {@code jsonb}, as plain JDBC stores them. */
  static HowdahTarget<String> json(
      PostgresServer server, String url, Durability durability, Variant variant) {
    return plain(server, url, durability, variant, Form.JSON);
  }

  /** Values are stored as bytes, as Redis stores them. */
  static HowdahTarget<byte[]> bytes(PostgresServer server, Durability durability) {
    return plain(server, server.jdbcUrl(), durability, Variant.STANDARD, Form.BYTES);
  }

  private static <V> HowdahTarget<V> plain(
      PostgresServer server, String url, Durability durability, Variant variant, Form<V> form) {
    String level = durability.name().toLowerCase(Locale.ROOT);
    boolean json = form.name.equals("JSON");
    Profile profile =
        new Profile(
            "howdah-" + level + (json ? "" : "-bytes"),
            "Howdah " + level + (json ? "" : ", bytes"),
            "Postgres through Howdah with %s; %s namespace, values as %s, blocking calls%s"
                .formatted(lanes(variant), level, form.name, variant.driving()),
            HOWDAH,
            durability);
    return new HowdahTarget<>(server, new Way(profile, url, variant), form, 0);
  }

  /** An ephemeral namespace, through PgBouncer. */
  static HowdahTarget<String> throughPgBouncer(
      PostgresServer server, PgBouncerServer pooler, Variant variant) {
    Profile profile =
        new Profile(
            "howdah-pgbouncer",
            "Howdah ephemeral, PgBouncer",
            "Postgres through Howdah with %s, to PgBouncer in transaction mode with %d connections to Postgres; ephemeral namespace, values as JSON, blocking calls"
                .formatted(lanes(variant), pooler.serverConnections()),
            HOWDAH,
            Durability.EPHEMERAL);
    return new HowdahTarget<>(server, new Way(profile, pooler.jdbcUrl(), variant), Form.JSON, 0);
  }

  private static String lanes(Variant variant) {
    return variant.lanes() == 0
        ? "its default settings"
        : variant.lanes() + (variant.lanes() == 1 ? " lane" : " lanes");
  }

  /** An ephemeral namespace that notifies, with a near cache that has room for all values. */
  static HowdahTarget<String> near(PostgresServer server, int entries) {
    Profile profile =
        new Profile(
            "howdah-near",
            "Howdah, near cache",
            "Postgres through Howdah with its default settings; ephemeral namespace that notifies, a near cache, values as JSON, blocking calls",
            HOWDAH,
            Durability.EPHEMERAL);
    return new HowdahTarget<>(
        server, new Way(profile, server.jdbcUrl(), Variant.STANDARD), Form.JSON, entries);
  }

  @Override
  public Profile profile() {
    return way.profile;
  }

  static Howdah connect(PostgresServer server) {
    return Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open();
  }

  @Override
  public void open(int threads) {
    open(SchemaMode.MIGRATE);
  }

  /** Connects to what another process has made. */
  void open(SchemaMode mode) {
    Howdah opened = way.open(mode);
    howdah = opened;
    KeyValueStore<V> made = opened.kv(namespace(), form.codec);
    store =
        nearEntries == 0 ? made : made.near(NearSettings.defaults().withMaxEntries(nearEntries));
    counters = opened.kv(counterNamespace(), Long.class);
  }

  @Override
  public void load(Dataset dataset, LoadWatch watch) throws SQLException {
    createNamespaces();
    for (Dataset.Range range : dataset.ranges(ROWS_PER_STATEMENT)) {
      // Not by its calls: ten million of them would take longer than what is measured.
      server.execute(
          """
          INSERT INTO %s (namespace, key, %s, version, created_at, updated_at)
          SELECT '%s', k, %s, 1, statement_timestamp(), statement_timestamp() FROM (%s) AS r (k, v)\
          """
              .formatted(table(), form.column, namespace(), form.cast, dataset.rowsSql(range)));
      watch.loaded(range.to());
    }
    Map<String, Long> zeros = new LinkedHashMap<>();
    for (int i = 0; i < Dataset.COUNTERS; i++) {
      zeros.put(Dataset.counter(i), 0L);
    }
    opened(counters).setAll(zeros);
    settle();
  }

  private void createNamespaces() {
    Howdah opened = opened(howdah);
    io.howdah.Durability level = io.howdah.Durability.valueOf(profile().durability().name());
    opened.namespaces().create(namespace(), level);
    opened.namespaces().create(counterNamespace(), level);
    if (nearEntries > 0) {
      boolean isNew = opened.namespaces().notifyChanges(namespace(), true);
      assert isNew;
    }
  }

  private String namespace() {
    return profile().name();
  }

  private String counterNamespace() {
    return namespace() + "-counters";
  }

  private String table() {
    return way.schema() + "." + PostgresServer.tableName(profile().durability());
  }

  @Override
  public @Nullable String get(String key) {
    return opened(store).get(key).map(form.fromStored).orElse(null);
  }

  @Override
  public void set(String key, String value) {
    opened(store).set(key, form.toStored.apply(value));
  }

  @Override
  public long increment(String key) {
    return opened(counters).increment(key);
  }

  private static <T> T opened(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("not open");
    }
    return part;
  }

  @Override
  public void settle() throws SQLException {
    server.vacuum(table());
  }

  @Override
  public void close() {
    if (howdah != null) {
      howdah.close();
      howdah = null;
      store = null;
      counters = null;
    }
  }
}
