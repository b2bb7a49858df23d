package io.howdah.session;

import io.howdah.TypeRef;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A session as it was when it was read. It does not change, and has no token: {@link Sessions}
 * changes what is stored.
 */
public final class Session {
  private final SessionRow row;
  private final Attributes attributes;

  Session(SessionRow row, SessionCodec codec) {
    this.row = row;
    this.attributes = new Attributes(row.handle(), row.data(), codec);
  }

  /**
   * Names the session without opening it: for the list of a user's devices, and to revoke one of
   * them. It stays the same when the token changes.
   */
  public UUID handle() {
    return row.handle();
  }

  /** Whose it is; empty when nobody has logged in yet. */
  public Optional<String> userId() {
    return Optional.ofNullable(row.userId());
  }

  /**
   * An attribute; empty when it is absent, or its JSON cannot be read as this class. The latter is
   * reported ({@link Sessions#reportingTo}), and does not change what is stored.
   */
  public <T> Optional<T> attribute(String name, Class<T> type) {
    return attributes.get(name, type);
  }

  /** {@link #attribute(String, Class)} of a generic type. */
  public <T> Optional<T> attribute(String name, TypeRef<T> type) {
    return attributes.get(name, type.type());
  }

  /** The JSON of an attribute, as Jackson writes it; empty when it is absent. */
  public Optional<String> attributeJson(String name) {
    return attributes.json(name);
  }

  /** The names of its attributes. */
  public Set<String> attributeNames() {
    return attributes.names();
  }

  /** All attributes, as the JSON object that Postgres has. */
  public String json() {
    return row.data();
  }

  public Instant createdAt() {
    return row.createdAt();
  }

  /**
   * When it was last used, as far as that was written down: see {@link
   * SessionSettings#touchInterval}.
   */
  public Instant lastAccessedAt() {
    return row.lastAccessedAt();
  }

  /** When it ends, unless it is used before; by Postgres's clock. */
  public Instant expiresAt() {
    return row.expiresAt();
  }

  /** From which address it was created. */
  public Optional<String> ip() {
    return Optional.ofNullable(row.ip());
  }

  /** With which program it was created. */
  public Optional<String> userAgent() {
    return Optional.ofNullable(row.userAgent());
  }

  /** Without its attributes. */
  @Override
  public String toString() {
    return "Session[handle=" + row.handle() + ", expiresAt=" + row.expiresAt() + "]";
  }
}
