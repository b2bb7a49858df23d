package io.howdah.bucket4j;

import io.github.bucket4j.distributed.proxy.AbstractProxyManagerBuilder;
import io.github.bucket4j.distributed.proxy.ClientSideConfig;
import io.howdah.Durability;
import io.howdah.Howdah;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link HowdahProxyManager}. Where no {@code clientClock} is given, buckets are refilled
 * by Postgres's clock.
 *
 * @param <K> the type of the keys
 */
public final class HowdahProxyManagerBuilder<K>
    extends AbstractProxyManagerBuilder<K, HowdahProxyManager<K>, HowdahProxyManagerBuilder<K>> {
  /** The namespace of the buckets where no other one is said. */
  public static final String DEFAULT_NAMESPACE = "bucket4j";

  private final Howdah howdah;
  private final Function<? super K, String> keys;
  private String namespace = DEFAULT_NAMESPACE;
  private @Nullable Durability durability;

  HowdahProxyManagerBuilder(Howdah howdah, Function<? super K, String> keys) {
    this.howdah = Objects.requireNonNull(howdah, "howdah");
    this.keys = Objects.requireNonNull(keys, "keys");
  }

  /**
   * The namespace of the buckets, {@value #DEFAULT_NAMESPACE} where it is not said. Managers of one
   * namespace, in all processes, share its buckets.
   */
  public HowdahProxyManagerBuilder<K> namespace(String name) {
    this.namespace = Objects.requireNonNull(name, "name");
    return this;
  }

  /**
   * What a crash of Postgres takes. Where it is not said, the namespace stays as it is, and a new
   * one is {@link Durability#EPHEMERAL}: after a crash every bucket is full.
   */
  public HowdahProxyManagerBuilder<K> durability(Durability level) {
    this.durability = Objects.requireNonNull(level, "level");
    return this;
  }

  /**
   * Builds it.
   *
   * @throws io.howdah.InvalidArgumentException when the namespace has no valid name
   * @throws io.howdah.HowdahException with {@link io.howdah.ErrorCode#NAMESPACE_CONFLICT} when the
   *     namespace is registered with another durability; otherwise when a durability is said and
   *     the database cannot be asked
   */
  @Override
  public HowdahProxyManager<K> build() {
    if (durability != null) {
      howdah.outside().namespaces().createIfAbsent(namespace, durability);
    }
    ClientSideConfig config = getClientSideConfig();
    if (config.getClientSideClock().isEmpty()) {
      config = config.withClientClock(new PostgresClock(howdah, System::nanoTime));
    }
    return new HowdahProxyManager<>(howdah.outside().kv(namespace, byte[].class), keys, config);
  }

  @Override
  public boolean isExpireAfterWriteSupported() {
    return true;
  }
}
