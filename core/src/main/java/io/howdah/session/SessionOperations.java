package io.howdah.session;

import io.howdah.Arguments;
import io.howdah.Durability;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import io.howdah.session.SessionSettings.OnFull;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Every call on sessions: the SQL function that it is. One for each Howdah. */
final class SessionOperations {
  /** What a session is made of. */
  record Creation(
      TokenHash hash,
      @Nullable String userId,
      String data,
      @Nullable Duration idle,
      @Nullable Duration lifetime,
      @Nullable String ip,
      @Nullable String userAgent) {}

  /**
   * What a session got when it was made.
   *
   * @param ip its address, as Postgres writes it
   */
  record Created(UUID handle, Instant createdAt, Instant expiresAt, @Nullable String ip) {}

  /** Patches to one session, one after the other. */
  record Change(TokenHash hash, List<String> patches) {}

  record Rotation(TokenHash hash, TokenHash newHash, @Nullable String userId) {}

  record Alteration(TokenHash hash, @Nullable TokenHash newHash, SessionChange change) {}

  record Handle(String userId, UUID handle) {}

  record UserSessions(String userId, @Nullable TokenHash except, @Nullable UUID handle) {}

  record Search(String contains, int maxRows) {}

  final Operation<TokenHash, @Nullable SessionRow> get;
  final Operation<TokenHash, @Nullable SessionRow> touch;

  SessionOperations() {
    SessionPlace place = new SessionPlace();
    this.get = new SessionRead(false, place);
    this.touch = new SessionRead(true, place);
  }

  static final Operation<Creation, @Nullable Created> CREATE =
      SessionOperation.write(
          "session_create",
          "${schema}._session_create(?, ?, ?::jsonb, ?::interval, ?::interval, ?::inet, ?, ${own})",
          Creation::hash,
          (args, to) ->
              to.bytes(args.hash().bytes())
                  .text(args.userId())
                  .text(args.data())
                  .interval(micros("idle", args.idle()))
                  .interval(micros("lifetime", args.lifetime()))
                  .text(args.ip())
                  .text(args.userAgent()),
          rows -> created(rows.text(1)));

  static final Operation<Change, Boolean> SET = new SessionSet();

  /** Null when the user may have no more. */
  static final Operation<Rotation, @Nullable Boolean> ROTATE =
      SessionOperation.write(
          "session_rotate",
          "${schema}._session_rotate(?, ?, ?, ${own})",
          Rotation::hash,
          (args, to) ->
              to.bytes(args.hash().bytes()).bytes(args.newHash().bytes()).text(args.userId()),
          rows -> rows.boolOrNull(1));

  /** Null when the user may have no more. */
  static final Operation<Alteration, @Nullable Boolean> CHANGE =
      SessionOperation.write(
          "session_change",
          "${schema}._session_change(?, ?, ?::jsonb, ?::interval, ?, ?, ${own})",
          Alteration::hash,
          (args, to) ->
              to.bytes(args.hash().bytes())
                  .bytes(args.newHash() == null ? null : args.newHash().bytes())
                  .text(args.change().patch())
                  .interval(micros("idle", args.change().idle()))
                  .bool(args.change().assigns())
                  .text(args.change().userId()),
          rows -> rows.boolOrNull(1));

  /** Null when the user has no such session. */
  static final Operation<Handle, @Nullable TokenHash> HASH =
      SessionOperation.query(
          "session_hash",
          "SELECT ${schema}._session_hash(?, ?::uuid)",
          (args, to) -> to.text(args.userId()).text(args.handle().toString()),
          rows -> {
            byte[] hash = rows.next() ? rows.bytes(1) : null;
            return hash == null ? null : TokenHash.read(hash);
          });

  static final Operation<TokenHash, Boolean> REVOKE =
      SessionOperation.write(
          "session_revoke",
          "${schema}._session_revoke(?, ${own})",
          hash -> hash,
          (hash, to) -> to.bytes(hash.bytes()),
          rows -> rows.bool(1));

  static final Operation<UserSessions, Integer> REVOKE_USER =
      SessionOperation.write(
          "session_revoke_user",
          "${schema}._session_revoke_user(?, ?, ?::uuid, ${own})",
          args -> null,
          (args, to) ->
              to.text(args.userId())
                  .bytes(args.except() == null ? null : args.except().bytes())
                  .text(args.handle() == null ? null : args.handle().toString()),
          rows -> (int) rows.int8(1));

  static final Operation<String, List<SessionRow>> LIST =
      SessionOperation.query(
          "session_list",
          "SELECT " + SessionRow.COLUMNS + " FROM ${schema}.session_list(?) AS s",
          (userId, to) -> to.text(userId),
          SessionOperations::rows);

  static final Operation<Search, List<SessionRow>> FIND =
      SessionOperation.query(
          "session_find",
          "SELECT " + SessionRow.COLUMNS + " FROM ${schema}.session_find(?::jsonb, ?) AS s",
          (args, to) -> to.text(args.contains()).int4(args.maxRows()),
          SessionOperations::rows);

  /** Of a user, or of all where it is null. */
  static final Operation<Counting, Long> COUNT =
      SessionOperation.query(
          "session_count",
          "SELECT ${schema}.session_count(?)",
          (args, to) -> to.text(args.userId()),
          rows -> rows.next() ? rows.int8(1) : 0);

  record Counting(@Nullable String userId) {}

  static final Operation<SessionSettingsChange, Boolean> CONFIGURE = new Configuration();

  static final Operation<String, SessionSettings> SETTINGS =
      SessionOperation.query(
          "session_settings",
          "SELECT s.durability, "
              + micros("s.idle")
              + ", "
              + micros("s.lifetime")
              + ", "
              + micros("s.touch_interval")
              + ", s.max_per_user, s.on_full, "
              + micros("s.keep_events")
              + " FROM ${schema}.session_settings AS s",
          (none, to) -> {},
          SessionOperations::settings);

  private static String micros(String column) {
    return "(extract(epoch FROM " + column + ") * 1000000)::bigint";
  }

  private static @Nullable Long micros(String argument, @Nullable Duration time) {
    return time == null ? null : Arguments.micros(argument, time);
  }

  private static @Nullable Created created(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String[] parts = text.split(" ", -1);
    return new Created(
        UUID.fromString(parts[0]),
        instant(parts[1]),
        instant(parts[2]),
        parts[3].isEmpty() ? null : parts[3]);
  }

  private static Instant instant(String micros) {
    return Instant.EPOCH.plus(Long.parseLong(micros), ChronoUnit.MICROS);
  }

  private static List<SessionRow> rows(SqlRows rows) throws SQLException {
    List<SessionRow> all = new ArrayList<>();
    while (rows.next()) {
      all.add(Objects.requireNonNull(SessionRow.read(rows, 1, false)));
    }
    return all;
  }

  private static SessionSettings settings(SqlRows rows) throws SQLException {
    if (!rows.next()) {
      throw new IllegalStateException("session_settings has no row");
    }
    Long most = rows.int8OrNull(5);
    Long keep = rows.int8OrNull(7);
    return new SessionSettings(
        Durability.ofSqlName(Objects.requireNonNull(rows.text(1))),
        duration(rows.int8(2)),
        duration(rows.int8(3)),
        duration(rows.int8(4)),
        most == null ? null : most.intValue(),
        OnFull.valueOf(Objects.requireNonNull(rows.text(6)).toUpperCase(Locale.ROOT)),
        keep == null ? null : duration(keep));
  }

  private static Duration duration(long micros) {
    return Duration.ofNanos(Math.multiplyExact(micros, 1_000L));
  }

  /** Sessions may move with it, which takes as long as it takes. */
  private static final class Configuration implements Operation<SessionSettingsChange, Boolean> {
    @Override
    public String name() {
      return "session_configure";
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
    public String sql() {
      return "${schema}.session_configure(?, ?::interval, ?::interval, ?::interval, ?, ?,"
          + " ?::interval)";
    }

    @Override
    public void bind(SessionSettingsChange args, SqlArguments to) throws SQLException {
      Durability durability = args.durability();
      OnFull onFull = args.onFull();
      to.text(durability == null ? null : durability.sqlName())
          .interval(SessionSettingsChange.micros("idle", args.idle(), false))
          .interval(SessionSettingsChange.micros("lifetime", args.lifetime(), false))
          .interval(SessionSettingsChange.micros("touchInterval", args.touchInterval(), true))
          .int4(args.maxPerUser())
          .text(onFull == null ? null : onFull.name().toLowerCase(Locale.ROOT))
          .interval(SessionSettingsChange.micros("keepEvents", args.keepEvents(), true));
    }

    @Override
    public Boolean read(SessionSettingsChange args, SqlRows rows) throws SQLException {
      return rows.bool(1);
    }
  }
}
