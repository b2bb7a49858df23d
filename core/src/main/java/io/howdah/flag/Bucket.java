package io.howdah.flag;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Where users stand among 10,000, for one flag and one purpose: the first 8 hex digits of sha256(
 * {@code name:salt:user}) modulo 10,000, as <code>_flag_bucket</code> in flag.sql.
 */
final class Bucket {
  /** Has read what comes before the user; copied, never used itself. */
  private final MessageDigest begun;

  Bucket(String name, String salt) {
    try {
      begun = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    begun.update((name + ":" + salt + ":").getBytes(StandardCharsets.UTF_8));
  }

  /** 0 to 9,999. */
  int of(byte[] user) {
    try {
      MessageDigest digest = (MessageDigest) begun.clone();
      byte[] hash = digest.digest(user);
      long first =
          ((hash[0] & 0xffL) << 24)
              | ((hash[1] & 0xff) << 16)
              | ((hash[2] & 0xff) << 8)
              | (hash[3] & 0xff);
      return (int) (first % 10_000);
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a provider of SHA-256 that can be copied is needed", e);
    }
  }
}
