package io.howdah.server.http;

import org.jspecify.annotations.Nullable;

/**
 * What stands behind {@code /v1/kv/}: a namespace, and perhaps a key, which is everything behind
 * the next slash. Read from the path as it was sent, because decoding first would mix up the
 * slashes of a key with those of the path.
 *
 * @param namespace the namespace
 * @param key the key; null when the namespace itself is meant
 * @param action what stands behind a colon at the end of the namespace, such as {@code batchGet};
 *     null when nothing does
 */
record KvPath(String namespace, @Nullable String key, @Nullable String action) {
  static final String PREFIX = "/v1/kv/";

  /** Actions are named, so that other colons belong to the namespace. */
  static final String BATCH_GET = "batchGet";

  static KvPath of(String rawPath) {
    String rest = rawPath.substring(PREFIX.length());
    int slash = rest.indexOf('/');
    if (slash >= 0) {
      return new KvPath(
          PercentDecoding.path("namespace", rest.substring(0, slash)),
          PercentDecoding.path("key", rest.substring(slash + 1)),
          null);
    }
    String action = rest.endsWith(":" + BATCH_GET) ? BATCH_GET : null;
    String namespace =
        action == null ? rest : rest.substring(0, rest.length() - action.length() - 1);
    return new KvPath(PercentDecoding.path("namespace", namespace), null, action);
  }
}
