package io.howdah.kv;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** What notifications call a key: the function _kv_notify_hash of notify.sql. */
final class NearHash {
  private NearHash() {}

  static long of(String namespace, String key) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(namespace.getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) 0);
      sha256.update(key.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(sha256.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
