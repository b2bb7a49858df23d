package io.howdah.session;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.Secret;
import io.howdah.session.SessionOperations.Alteration;
import io.howdah.session.SessionOperations.Change;
import io.howdah.session.SessionOperations.Created;
import io.howdah.session.SessionOperations.Creation;
import io.howdah.session.SessionOperations.Handle;
import io.howdah.session.SessionOperations.Search;
import io.howdah.session.SessionOperations.UserSessions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes checked arguments of what callers give, and sessions of what is stored. */
final class SessionShape {
  private static final int MOST_ROWS = 10_000;

  final SessionOperations operations;
  final SessionCodec codec;

  SessionShape(SessionOperations operations, SessionCodec codec) {
    this.operations = operations;
    this.codec = codec;
  }

  Creation creation(SessionRequest request, String token) {
    return new Creation(
        TokenHash.of(token),
        request.userId(),
        codec.data(request),
        request.idle(),
        request.lifetime(),
        request.ip(),
        request.userAgent());
  }

  /** What was created; empty when it was refused. */
  Optional<CreatedSession> created(String token, Creation made, @Nullable Created created) {
    return Optional.ofNullable(created)
        .map(c ->
            new CreatedSession(
                token,
                codec.session(
                    new SessionRow(
                        c.handle(),
                        made.userId(),
                        made.data(),
                        c.createdAt(),
                        c.createdAt(),
                        c.expiresAt(),
                        c.ip(),
                        made.userAgent(),
                        false))));
  }

  /** The new token of a session; empty when there is none. */
  static Optional<String> rotated(String fresh, @Nullable Boolean rotated) {
    if (rotated == null) {
      throw limit();
    }
    return rotated ? Optional.of(fresh) : Optional.empty();
  }

  static HowdahException limit() {
    return new HowdahException(
        ErrorCode.SESSION_LIMIT,
        "the user has as many sessions as he may, and new ones are refused");
  }

  static String newToken() {
    return Secret.make();
  }

  Change change(String token, Map<String, ? extends @Nullable Object> changes) {
    return new Change(TokenHash.of(token), List.of(codec.patch(changes)));
  }

  static Change change(String token, String patch) {
    return new Change(TokenHash.of(token), List.of(SessionCodec.object("patch", patch)));
  }

  static Alteration alteration(TokenHash hash, SessionChange change) {
    String fresh = change.newToken();
    return new Alteration(hash, fresh == null ? null : TokenHash.of("newToken", fresh), change);
  }

  /** Whether there was the session. */
  static boolean changed(@Nullable Boolean changed) {
    if (changed == null) {
      throw limit();
    }
    return changed;
  }

  static Handle handle(String userId, UUID handle) {
    return new Handle(SessionRequest.user(userId), handle);
  }

  static UserSessions userSessions(
      String userId, @Nullable String exceptToken, @Nullable UUID handle) {
    return new UserSessions(
        SessionRequest.user(userId),
        exceptToken == null ? null : TokenHash.of("exceptToken", exceptToken),
        handle);
  }

  static Search search(String contains, int maxRows) {
    if (maxRows < 1 || maxRows > MOST_ROWS) {
      throw new InvalidArgumentException(
          "maxRows", "maxRows: 1 to " + MOST_ROWS + " expected, got " + maxRows);
    }
    return new Search(SessionCodec.object("contains", contains), maxRows);
  }

  Optional<Session> session(@Nullable SessionRow row) {
    return Optional.ofNullable(row).map(codec::session);
  }

  List<Session> sessions(List<SessionRow> rows) {
    return rows.stream().map(codec::session).toList();
  }
}
