package io.howdah.spring.actuate;

import io.howdah.Howdah;
import io.howdah.InvalidArgumentException;
import io.howdah.flag.Flag;
import io.howdah.flag.FlagChange;
import io.howdah.kv.NamespaceSettings;
import io.howdah.kv.Namespaces.Namespace;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import tools.jackson.databind.json.JsonMapper;

/** The namespaces and the flags, to look at. No keys and no values are shown. */
@Endpoint(id = "howdah")
public final class HowdahEndpoint {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Howdah howdah;

  HowdahEndpoint(Howdah howdah) {
    this.howdah = howdah;
  }

  /**
   * The answer.
   *
   * @param namespaces those that are registered, and those that hold values
   * @param flags all of them, archived ones as well
   */
  public record Overview(List<NamespaceView> namespaces, List<FlagView> flags) {}

  /**
   * A namespace, with its settings as docs/key-value.md names them; what it has not is null.
   *
   * @param name its name
   * @param registered whether it was registered; otherwise it only holds values
   */
  public record NamespaceView(
      String name,
      boolean registered,
      String durability,
      boolean searchable,
      @Nullable Duration defaultTtl,
      @Nullable Long maxEntries,
      @Nullable Long maxBytes,
      String onFull) {}

  /**
   * A flag.
   *
   * @param definition as docs/flags.md describes it
   */
  public record FlagView(
      String name,
      boolean enabled,
      boolean archived,
      Object definition,
      long revision,
      Instant updatedAt,
      String updatedBy) {}

  /**
   * A change of a flag.
   *
   * @param before the definition; null when there was none
   * @param after the definition; null when it was deleted
   */
  public record ChangeView(
      long revision,
      Instant changedAt,
      String changedBy,
      @Nullable String reason,
      @Nullable Object before,
      @Nullable Object after) {}

  @ReadOperation
  public Overview overview() {
    return new Overview(
        howdah.namespaces().list().stream().map(HowdahEndpoint::view).toList(),
        howdah.flags().list().stream().map(HowdahEndpoint::view).toList());
  }

  /**
   * The changes of a flag, the last one first; null, which is not found, when there were none.
   *
   * @throws InvalidEndpointRequestException when no flag can have that name
   */
  @ReadOperation
  public @Nullable List<ChangeView> history(@Selector String flag) {
    try {
      List<ChangeView> changes =
          howdah.flags().history(flag).stream().map(HowdahEndpoint::view).toList();
      return changes.isEmpty() ? null : changes;
    } catch (InvalidArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new InvalidEndpointRequestException(message, message, e);
    }
  }

  private static NamespaceView view(Namespace namespace) {
    NamespaceSettings settings = namespace.settings();
    return new NamespaceView(
        namespace.name(),
        namespace.isRegistered(),
        settings.durability().name().toLowerCase(Locale.ROOT),
        settings.searchable(),
        settings.defaultTtl(),
        settings.maxEntries(),
        settings.maxBytes(),
        settings.onFull().name().toLowerCase(Locale.ROOT));
  }

  private static FlagView view(Flag flag) {
    return new FlagView(
        flag.name(),
        flag.definition().isEnabled(),
        flag.definition().isArchived(),
        JSON.readValue(flag.definition().toJson(), Object.class),
        flag.revision(),
        flag.updatedAt(),
        flag.updatedBy());
  }

  private static ChangeView view(FlagChange change) {
    return new ChangeView(
        change.revision(),
        change.changedAt(),
        change.changedBy(),
        change.reason().orElse(null),
        json(change.before()),
        json(change.after()));
  }

  private static @Nullable Object json(Optional<String> definition) {
    return definition.map(text -> JSON.readValue(text, Object.class)).orElse(null);
  }
}
