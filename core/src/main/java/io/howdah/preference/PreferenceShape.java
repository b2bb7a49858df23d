package io.howdah.preference;

import io.howdah.Arguments;
import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.JsonText;
import io.howdah.preference.PreferenceOperation.Change;
import io.howdah.preference.PreferenceOperation.Layered;
import io.howdah.preference.PreferenceOperation.Owner;
import io.howdah.preference.PreferenceOperation.Place;
import io.howdah.preference.PreferenceOperation.Question;
import io.howdah.preference.PreferenceOperation.Search;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.ObjectMapper;

/** Makes checked arguments of what callers give, and values of what is stored. */
public final class PreferenceShape {
  private static final Logger LOG = LoggerFactory.getLogger(PreferenceShape.class);

  private static final int USER_BYTES = 1_024;
  private static final int GROUP_BYTES = 256;
  private static final int VALUE_BYTES = 65_536;
  private static final int MOST_GROUPS = 1_000;
  private static final int MOST_ROWS = 1_000;

  /** A program has no more kinds of preferences than it has names for. */
  private static final int MOST_SAID = 1_000;

  private final ObjectMapper mapper;
  private final Map<Type, Codec<?>> codecs = new ConcurrentHashMap<>();
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  /** One for each Howdah: it remembers what it has said, and the codecs. */
  public PreferenceShape(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  static Owner user(String userId) {
    return Owner.user(Arguments.text("userId", userId, USER_BYTES));
  }

  static Owner group(String group) {
    return Owner.group(Arguments.text("group", group, GROUP_BYTES));
  }

  static Place place(Owner owner, PreferenceKey<?> key) {
    return new Place(owner, key.name());
  }

  <V> Change change(Owner owner, PreferenceKey<V> key, V value) {
    return new Change(owner, key.name(), encode(key, value));
  }

  static Question question(String userId, List<String> groups) {
    if (groups.size() > MOST_GROUPS) {
      throw new InvalidArgumentException(
          "groups", "groups: at most " + MOST_GROUPS + " expected, got " + groups.size());
    }
    List<String> checked =
        groups.stream().map(group -> Arguments.text("groups", group, GROUP_BYTES)).toList();
    return new Question(user(userId), checked);
  }

  <V> Search search(PreferenceKey<V> key, V value, String after, int maxRows) {
    String start = after.isEmpty() ? after : Arguments.text("after", after, USER_BYTES);
    if (maxRows < 1 || maxRows > MOST_ROWS) {
      throw new InvalidArgumentException(
          "maxRows", "maxRows: 1 to " + MOST_ROWS + " expected, got " + maxRows);
    }
    return new Search(key.name(), encode(key, value), start, maxRows);
  }

  private <V> String encode(PreferenceKey<V> key, @Nullable V value) {
    if (value == null) {
      throw new InvalidArgumentException(
          "value", "value: one expected, got null; unset takes a preference away");
    }
    String json = Objects.requireNonNull(codec(key).encode(value).json());
    long size = JsonText.size("value", json);
    if (size > VALUE_BYTES) {
      throw new InvalidArgumentException(
          "value", "value: at most " + VALUE_BYTES + " bytes expected, got " + size);
    }
    return json;
  }

  @SuppressWarnings("unchecked") // the codec of a type makes values of this type
  private <V> Codec<V> codec(PreferenceKey<V> key) {
    Codec<V> own = key.codec();
    if (own != null) {
      return own;
    }
    return (Codec<V>)
        codecs.computeIfAbsent(
            Objects.requireNonNull(key.type()), type -> Codec.json(mapper, type));
  }

  /** The user's own, or the default: also where it cannot be read. */
  <V> V valueOrDefault(PreferenceKey<V> key, @Nullable String json) {
    V value = json == null ? null : decode(key, json);
    return value == null ? key.defaultValue() : value;
  }

  <V> PreferenceValue<V> value(PreferenceKey<V> key, @Nullable Layered row) {
    if (row == null) {
      return new PreferenceValue<>(key.defaultValue(), PreferenceOrigin.DEFAULT, Optional.empty());
    }
    V value = decode(key, row.json());
    return value == null
        ? new PreferenceValue<>(key.defaultValue(), PreferenceOrigin.UNREADABLE, row.group())
        : new PreferenceValue<>(value, row.origin(), row.group());
  }

  /** Null when it is no value of this type. */
  private <V> @Nullable V decode(PreferenceKey<V> key, String json) {
    @Nullable V value = null;
    String why = "null";
    try {
      value = codec(key).decode(Codec.Encoded.json(json));
    } catch (HowdahException e) {
      if (e.code() != ErrorCode.CODEC) {
        throw e;
      }
      why = e.getClass().getSimpleName();
      LOG.debug("the preference {} cannot be read", key, e);
    }
    if (value == null && said.size() < MOST_SAID && said.add(key + " " + key.type())) {
      LOG.warn(
          "a stored preference '{}' is no {} ({}): its default counts, and it stays as it is",
          key,
          key.type() == null ? "value of its codec" : key.type().getTypeName(),
          why);
    }
    return value;
  }
}
