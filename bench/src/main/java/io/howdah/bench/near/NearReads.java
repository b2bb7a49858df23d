package io.howdah.bench.near;

import io.howdah.Codec;
import io.howdah.Howdah;
import io.howdah.cache.ComputedCache;
import io.howdah.kv.KeyValueStore;
import io.howdah.near.NearSettings;
import io.howdah.stats.NearStats;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Reads one of 1,024 values at random, all of which are kept, as an application reads them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class NearReads {
  private static final int KEYS = 1_024;

  /** What an application keeps of a customer. */
  public record Customer(long id, String name, String plan, boolean isActive) {}

  /** Where the values are; the command says so. */
  @SuppressWarnings("NullAway.Init") // JMH sets it
  @Param("")
  public String url;

  @SuppressWarnings("NullAway.Init") // made by the setup
  private Howdah howdah;

  @SuppressWarnings("NullAway.Init") // made by the setup
  private KeyValueStore<byte[]> bytes;

  @SuppressWarnings("NullAway.Init") // made by the setup
  private KeyValueStore<String> json;

  @SuppressWarnings("NullAway.Init") // made by the setup
  private KeyValueStore<Customer> records;

  @SuppressWarnings("NullAway.Init") // made by the setup
  private ComputedCache<String> computed;

  private final String[] keys = new String[KEYS];

  /** Makes the values, and reads each until it is kept. */
  @Setup
  public void open() throws InterruptedException {
    howdah = Howdah.builder(url).sweeper(false).open();
    NearSettings settings = NearSettings.defaults();
    for (String namespace : new String[] {"bytes", "json", "records"}) {
      var unused = howdah.namespaces().notifyChanges(namespace, true);
    }
    var unused = howdah.caches().notifyChanges("computed", true);
    bytes = howdah.kv("bytes", byte[].class).near(settings);
    json = howdah.kv("json", Codec.rawJson()).near(settings);
    records = howdah.kv("records", Customer.class).near(settings);
    computed =
        howdah
            .cache("computed", Codec.rawJson(), io.howdah.cache.CacheSettings.defaults())
            .near(settings);
    for (int i = 0; i < KEYS; i++) {
      keys[i] = "customer:" + i;
      Customer customer = new Customer(i, "Name of customer " + i, "standard", i % 2 == 0);
      bytes.set(keys[i], new byte[100]);
      records.set(keys[i], customer);
      String text = howdah.kv("records", Codec.rawJson()).get(keys[i]).orElseThrow();
      json.set(keys[i], text);
      computed.put(keys[i], text);
    }
    // Own writes are notified too, and take away what is kept.
    while (!isWarm()) {
      for (String key : keys) {
        Object all =
            java.util.List.of(
                read(bytes.get(key)),
                read(json.get(key)),
                read(records.get(key)),
                read(computed.getIfPresent(key)));
        assert all != null;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  /** Whether all are kept, and told of changes. */
  private boolean isWarm() {
    return howdah.stats().nearCaches().stream().allMatch(near -> near.isPushed() && hasAll(near));
  }

  private static boolean hasAll(NearStats near) {
    return near.entries() >= KEYS && near.hits() >= 4 * KEYS;
  }

  private static <V> V read(Optional<V> value) {
    return value.orElseThrow();
  }

  @TearDown
  public void close() {
    howdah.close();
  }

  private String key() {
    return keys[ThreadLocalRandom.current().nextInt(KEYS)];
  }

  @Benchmark
  public Optional<byte[]> bytes() {
    return bytes.get(key());
  }

  /** As text, not parsed. */
  @Benchmark
  public Optional<String> json() {
    return json.get(key());
  }

  /** Made by Jackson for each caller. */
  @Benchmark
  public Optional<Customer> records() {
    return records.get(key());
  }

  /** Of a cache of computed values, as text. */
  @Benchmark
  public Optional<String> computed() {
    return computed.getIfPresent(key());
  }
}
