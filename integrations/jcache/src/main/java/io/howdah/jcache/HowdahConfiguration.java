package io.howdah.jcache;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Durability;
import java.util.Objects;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.MutableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * A configuration with what Howdah adds. Where it says nothing, the properties of the manager count
 * ({@link HowdahCachingProvider}).
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public class HowdahConfiguration<K, V> extends MutableConfiguration<K, V> {
  private static final long serialVersionUID = 1L;

  private @Nullable Durability durability;
  private @Nullable String allowedClasses;
  private transient @Nullable Serializer serializer;

  public HowdahConfiguration() {}

  /** A copy of another configuration. */
  public HowdahConfiguration(CompleteConfiguration<K, V> other) {
    super(other);
    if (other instanceof HowdahConfiguration<K, V> own) {
      this.durability = own.durability;
      this.allowedClasses = own.allowedClasses;
      this.serializer = own.serializer;
    }
  }

  /**
   * What a crash of Postgres takes of the cache. Default: as the namespace of the cache is, and
   * everything ({@link Durability#EPHEMERAL}) where it is new.
   */
  @CanIgnoreReturnValue
  public HowdahConfiguration<K, V> setDurability(Durability durability) {
    this.durability = Objects.requireNonNull(durability);
    return this;
  }

  public @Nullable Durability getDurability() {
    return durability;
  }

  /**
   * Which classes may be in keys and values beside the configured types and the JDK's simple ones,
   * in the syntax of {@link java.io.ObjectInputFilter.Config#createFilter}: {@code
   * com.acme.shop.*;com.acme.Money}. Default: none.
   */
  @CanIgnoreReturnValue
  public HowdahConfiguration<K, V> setAllowedClasses(String patterns) {
    this.allowedClasses = Objects.requireNonNull(patterns);
    return this;
  }

  public @Nullable String getAllowedClasses() {
    return allowedClasses;
  }

  /** What makes bytes of keys and values. Default: Java's serialization. */
  @CanIgnoreReturnValue
  public HowdahConfiguration<K, V> setSerializer(Serializer serializer) {
    this.serializer = Objects.requireNonNull(serializer);
    return this;
  }

  public @Nullable Serializer getSerializer() {
    return serializer;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HowdahConfiguration<?, ?> own
        && super.equals(other)
        && durability == own.durability
        && Objects.equals(allowedClasses, own.allowedClasses)
        && Objects.equals(serializer, own.serializer);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Objects.hash(durability, allowedClasses);
  }
}
