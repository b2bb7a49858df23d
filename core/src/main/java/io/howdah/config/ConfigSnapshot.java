package io.howdah.config;

import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.config.ConfigOperation.Row;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.ObjectMapper;

/** All values of a namespace at one moment, decoded at their first use. */
final class ConfigSnapshot {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigSnapshot.class);

  /** A program has no more keys; more of them are not constants, and are decoded each time. */
  private static final int MOST_DECODED = 10_000;

  private final String namespace;
  private final ObjectMapper mapper;
  private final Map<String, Row> rows;
  private final Map<ConfigKey<?>, ConfigValue<?>> decoded = new ConcurrentHashMap<>();

  ConfigSnapshot(String namespace, ObjectMapper mapper, Map<String, Row> rows) {
    this.namespace = namespace;
    this.mapper = mapper;
    this.rows = rows;
  }

  @SuppressWarnings("unchecked") // the value of a key is of its type
  <V> ConfigValue<V> value(ConfigKey<V> key) {
    ConfigValue<?> known = decoded.get(key);
    if (known != null) {
      return (ConfigValue<V>) known;
    }
    ConfigValue<V> value = decode(key, rows.get(key.name()));
    if (decoded.size() < MOST_DECODED) {
      decoded.put(key, value);
    }
    return value;
  }

  private <V> ConfigValue<V> decode(ConfigKey<V> key, @Nullable Row row) {
    if (row == null) {
      return new ConfigValue<>(key.defaultValue(), ConfigOrigin.DEFAULT);
    }
    try {
      @Nullable V value = Codec.<V>json(mapper, key.type()).decode(Codec.Encoded.json(row.json()));
      if (value != null && key.accepts(value)) {
        return new ConfigValue<>(value, ConfigOrigin.STORED);
      }
    } catch (HowdahException e) {
      if (e.code() != ErrorCode.CODEC) {
        throw e;
      }
      LOG.debug("the configuration value {} of {} cannot be read", key, namespace, e);
    }
    LOG.warn(
        "the configuration value {} of {} is none that the key allows: its default counts",
        key,
        namespace);
    return new ConfigValue<>(key.defaultValue(), ConfigOrigin.UNUSABLE);
  }

  /** The keys that are not as they were before. */
  Set<String> since(ConfigSnapshot before) {
    Set<String> changed = new HashSet<>(rows.keySet());
    changed.addAll(before.rows.keySet());
    changed.removeIf(key -> {
      Row now = rows.get(key);
      return now != null && now.equals(before.rows.get(key));
    });
    return changed;
  }
}
