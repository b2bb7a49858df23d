package io.howdah.kv;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Durability;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.Caller;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Registers, moves, empties and lists namespaces. Writers to a namespace wait while it is moved or
 * emptied, readers do not.
 */
public final class Namespaces {
  /**
   * A namespace.
   *
   * @param name its name
   * @param settings how it keeps its values
   * @param createdAt when it was registered; empty for one that is not, but holds values
   */
  public record Namespace(String name, NamespaceSettings settings, Optional<Instant> createdAt) {
    public boolean isRegistered() {
      return createdAt.isPresent();
    }
  }

  private record Arguments(String name, @Nullable NamespaceSettings settings) {}

  private static final Operation<Arguments, Boolean> CREATE =
      new NamespaceOperation<>(
          "namespace_create",
          "${schema}.namespace_create(?, ?, ?, ?::interval, ?, ?, ?)",
          (args, to) -> {
            NamespaceSettings settings = Objects.requireNonNull(args.settings());
            to.text(args.name())
                .text(settings.durability().sqlName())
                .bool(settings.searchable())
                .interval(KvLimits.ttlMicros(settings.defaultTtl()))
                .int8(settings.maxEntries())
                .int8(settings.maxBytes())
                .text(settings.onFull().name().toLowerCase(Locale.ROOT));
          },
          rows -> rows.bool(1));

  private static final Operation<Arguments, Long> MOVE =
      new NamespaceOperation<>(
          "namespace_move",
          "${schema}.namespace_move(?, ?)",
          (args, to) ->
              to.text(args.name())
                  .text(Objects.requireNonNull(args.settings()).durability().sqlName()),
          rows -> rows.int8(1));

  private static final Operation<Arguments, Long> CLEAR =
      new NamespaceOperation<>(
          "namespace_clear",
          "${schema}.namespace_clear(?)",
          (args, to) -> to.text(args.name()),
          rows -> rows.int8(1));

  private static final Operation<Arguments, Boolean> DROP =
      new NamespaceOperation<>(
          "namespace_drop",
          "${schema}.namespace_drop(?)",
          (args, to) -> to.text(args.name()),
          rows -> rows.bool(1));

  private static final Operation<Arguments, Boolean> NOTIFY = notifies(true);
  private static final Operation<Arguments, Boolean> NOTIFY_NOT = notifies(false);

  private static Operation<Arguments, Boolean> notifies(boolean enabled) {
    return new NamespaceOperation<>(
        "namespace_notify",
        "${schema}.namespace_notify(?, ?)",
        (args, to) -> to.text(args.name()).bool(enabled),
        rows -> rows.bool(1));
  }

  private static final Operation<Arguments, List<Namespace>> LIST =
      new Operation<>() {
        @Override
        public String name() {
          return "namespace_list";
        }

        @Override
        public boolean isWrite() {
          return false;
        }

        @Override
        public boolean isQuery() {
          return true;
        }

        @Override
        public String sql() {
          return "SELECT l.name, l.durability, l.searchable, l.max_entries, l.max_bytes, l.on_full, l.created_at,"
              + " (extract(epoch FROM l.default_ttl) * 1000000)::bigint FROM ${schema}.namespace_list() AS l";
        }

        @Override
        public void bind(Arguments args, SqlArguments to) {}

        @Override
        public List<Namespace> read(Arguments args, SqlRows rows) throws SQLException {
          List<Namespace> all = new ArrayList<>();
          while (rows.next()) {
            NamespaceSettings settings =
                new NamespaceSettings(
                    Durability.ofSqlName(Objects.requireNonNull(rows.text(2))),
                    rows.bool(3),
                    Shape.timeToLive(rows.int8OrNull(8)).orElse(null),
                    rows.int8OrNull(4),
                    rows.int8OrNull(5),
                    NamespaceSettings.OnFull.valueOf(
                        Objects.requireNonNull(rows.text(6)).toUpperCase(Locale.ROOT)));
            all.add(
                new Namespace(
                    Objects.requireNonNull(rows.text(1)),
                    settings,
                    Optional.ofNullable(rows.instant(7))));
          }
          return all;
        }
      };

  private final Caller caller;
  private final KvCalls calls;
  private final Runnable changed;

  /** Use {@code Howdah.namespaces}. */
  public Namespaces(Caller caller, KvCalls calls, Runnable changed) {
    this.caller = caller;
    this.calls = calls;
    this.changed = changed;
  }

  /**
   * Registers a namespace, with the values that it may hold already. For one that is registered
   * with the same durability and searchability, changes the other settings.
   *
   * @return whether it was registered now
   * @throws io.howdah.HowdahException with {@link io.howdah.ErrorCode#NAMESPACE_CONFLICT} when it
   *     is registered otherwise
   */
  @CanIgnoreReturnValue
  public boolean create(String name, NamespaceSettings settings) {
    if ((settings.maxEntries() != null && settings.maxEntries() < 1)
        || (settings.maxBytes() != null && settings.maxBytes() < 1)) {
      throw new InvalidArgumentException(
          "settings", "settings: positive bounds expected, got " + settings);
    }
    boolean created = caller.call(CREATE, new Arguments(KvLimits.namespace(name), settings));
    changed.run();
    return created;
  }

  /** {@link #create(String, NamespaceSettings)} with no more than a durability. */
  @CanIgnoreReturnValue
  public boolean create(String name, Durability durability) {
    return create(name, NamespaceSettings.of(durability));
  }

  /**
   * Registers a namespace, with the values that it may hold already. One that is registered with
   * the same durability stays as it is, with its other settings.
   *
   * @return whether it was registered now
   * @throws io.howdah.HowdahException with {@link io.howdah.ErrorCode#NAMESPACE_CONFLICT} when it
   *     is registered with another durability
   */
  @CanIgnoreReturnValue
  public boolean createIfAbsent(String name, Durability durability) {
    boolean isThere =
        list().stream()
            .anyMatch(each ->
                each.name().equals(name)
                    && each.isRegistered()
                    && each.settings().durability() == durability);
    return !isThere && create(name, durability);
  }

  /**
   * Changes the durability of a namespace together with its values, and registers it if need be;
   * how many values moved.
   */
  @CanIgnoreReturnValue
  public long move(String name, Durability durability) {
    long moved =
        caller.call(
            MOVE, new Arguments(KvLimits.namespace(name), NamespaceSettings.of(durability)));
    changed.run();
    return moved;
  }

  /** Deletes all values; how many there were, dead ones included. */
  @CanIgnoreReturnValue
  public long clear(String name) {
    try {
      return caller.call(CLEAR, new Arguments(KvLimits.namespace(name), null));
    } finally {
      calls.here().cleared(name);
    }
  }

  /** Deletes all values and the registration; whether there was anything. */
  @CanIgnoreReturnValue
  public boolean drop(String name) {
    try {
      return caller.call(DROP, new Arguments(KvLimits.namespace(name), null));
    } finally {
      calls.here().cleared(name);
      changed.run();
    }
  }

  /**
   * Has a namespace notify of every change to its values, by any process and in any language, or
   * not; an unregistered one is registered, as ephemeral. Near caches need it to be told of
   * changes, and each transaction that writes to the namespace pays for it. Writers to it wait for
   * this call.
   *
   * @return whether that is new
   */
  @CanIgnoreReturnValue
  public boolean notifyChanges(String name, boolean enabled) {
    boolean switched =
        caller.call(enabled ? NOTIFY : NOTIFY_NOT, new Arguments(KvLimits.namespace(name), null));
    changed.run();
    return switched;
  }

  /** The registered namespaces, and the unregistered ones that hold values, by name. */
  public List<Namespace> list() {
    return caller.call(LIST, new Arguments("", null));
  }

  private record NamespaceOperation<R>(String name, String sql, Binder binder, Reader<R> reader)
      implements Operation<Arguments, R> {
    interface Binder {
      void bind(Arguments args, SqlArguments to) throws SQLException;
    }

    interface Reader<R> {
      R read(SqlRows rows) throws SQLException;
    }

    @Override
    public boolean isWrite() {
      return true;
    }

    @Override
    public boolean isLong() {
      return true;
    }

    @Override
    public void bind(Arguments args, SqlArguments to) throws SQLException {
      binder.bind(args, to);
    }

    @Override
    public R read(Arguments args, SqlRows rows) throws SQLException {
      return reader.read(rows);
    }
  }
}
