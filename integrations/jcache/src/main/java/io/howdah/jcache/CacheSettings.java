package io.howdah.jcache;

import io.howdah.Durability;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.configuration.MutableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * How a cache is configured: what the application has given, and what the manager says where it
 * says nothing.
 *
 * @param configuration a copy, which is this cache's own
 * @param durability null where nobody says it: then what is there stays, and what is not is
 *     ephemeral
 */
record CacheSettings<K, V>(
    MutableConfiguration<K, V> configuration,
    @Nullable Durability durability,
    Serializer serializer) {

  static <K, V> CacheSettings<K, V> of(
      Configuration<K, V> given, ManagerSettings manager, ClassLoader loader) {
    MutableConfiguration<K, V> copy;
    if (given instanceof CompleteConfiguration<K, V> complete) {
      copy = new MutableConfiguration<>(complete);
    } else {
      copy =
          new MutableConfiguration<K, V>()
              .setTypes(given.getKeyType(), given.getValueType())
              .setStoreByValue(given.isStoreByValue());
    }
    if (!copy.isStoreByValue()) {
      throw new UnsupportedOperationException("a cache in a database stores by value");
    }
    Durability durability = manager.durability();
    String allowed = manager.allowedClasses();
    Serializer serializer = manager.serializer();
    if (given instanceof HowdahConfiguration<K, V> own) {
      durability = own.getDurability() == null ? durability : own.getDurability();
      allowed = own.getAllowedClasses() == null ? allowed : own.getAllowedClasses();
      serializer = own.getSerializer() == null ? serializer : own.getSerializer();
    }
    if (serializer == null) {
      serializer =
          new JavaSerializer(
              new AllowedClasses(allowed, copy.getKeyType(), copy.getValueType()), loader);
    }
    return new CacheSettings<>(copy, durability, serializer);
  }
}
