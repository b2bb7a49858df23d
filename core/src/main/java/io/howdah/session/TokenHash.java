package io.howdah.session;

import io.howdah.Secret;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a session is found by: the hash of its token. */
final class TokenHash {
  static final int BYTES = 32;

  private final byte[] bytes;

  private TokenHash(byte[] bytes) {
    this.bytes = bytes;
  }

  static TokenHash of(@Nullable String token) {
    return of("token", token);
  }

  static TokenHash of(String argument, @Nullable String token) {
    return new TokenHash(Secret.hash(argument, token));
  }

  /** One that the database has. */
  static TokenHash read(byte[] bytes) {
    return new TokenHash(bytes);
  }

  /** Not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TokenHash hash && Arrays.equals(bytes, hash.bytes);
  }

  /** A hash has random bits everywhere. */
  @Override
  public int hashCode() {
    return ByteBuffer.wrap(bytes).getInt();
  }
}
