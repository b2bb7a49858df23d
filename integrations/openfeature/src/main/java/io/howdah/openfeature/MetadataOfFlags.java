package io.howdah.openfeature;

import dev.openfeature.sdk.ImmutableMetadata;
import io.howdah.flag.Flag;
import io.howdah.flag.FlagSubject;
import io.howdah.flag.Flags;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * The metadata of the flags in this process's snapshot: the texts, numbers and booleans of their
 * definitions, and their revision. Made once for each change of a flag, and kept.
 */
final class MetadataOfFlags {
  static final String REVISION = "howdah.revision";

  private static final ImmutableMetadata NONE = ImmutableMetadata.builder().build();
  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

  private final Flags flags;
  private final Map<String, ImmutableMetadata> made = new ConcurrentHashMap<>();

  MetadataOfFlags(Flags flags) {
    this.flags = flags;
  }

  /** Empty where there is no such flag. */
  ImmutableMetadata of(String flag) {
    ImmutableMetadata known = made.get(flag);
    if (known == null) {
      known = made.computeIfAbsent(flag, this::make);
    }
    return known == null ? NONE : known;
  }

  /** The snapshot has another definition of it now. */
  void forget(String flag) {
    made.remove(flag);
  }

  void clear() {
    made.clear();
  }

  private @Nullable ImmutableMetadata make(String name) {
    Optional<Flag> flag = flags.explain(name, FlagSubject.anonymous()).flag();
    if (flag.isEmpty()) {
      return null;
    }
    ImmutableMetadata.ImmutableMetadataBuilder all = ImmutableMetadata.builder();
    JsonNode members = MAPPER.readTree(flag.get().definition().metadataJson());
    members.properties().forEach(each -> add(all, each.getKey(), each.getValue()));
    return all.addLong(REVISION, flag.get().revision()).build();
  }

  private static void add(
      ImmutableMetadata.ImmutableMetadataBuilder all, String name, JsonNode value) {
    if (value.isBoolean()) {
      all.addBoolean(name, value.booleanValue());
    } else if (value.isString()) {
      all.addString(name, value.stringValue());
    } else if (value.isNumber()) {
      Number number = Values.toNumber(value);
      if (number instanceof Integer whole) {
        all.addInteger(name, whole);
      } else if (number instanceof Long whole) {
        all.addLong(name, whole);
      } else {
        all.addDouble(name, number.doubleValue());
      }
    }
  }
}
