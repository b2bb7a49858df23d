package io.howdah.kv;

/** What a row is found by. In the order of the database: that of the bytes of UTF-8. */
record KvKey(String namespace, String key) implements Comparable<KvKey> {
  @Override
  public int compareTo(KvKey other) {
    int byNamespace = compare(namespace, other.namespace);
    return byNamespace != 0 ? byNamespace : compare(key, other.key);
  }

  /** Java's own order is that of UTF-16, in which U+10000 and above come before U+E000. */
  private static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean exactlyOneIsSurrogate = Character.isSurrogate(x) != Character.isSurrogate(y);
        return exactlyOneIsSurrogate && x >= Character.MIN_SURROGATE && y >= Character.MIN_SURROGATE
            ? Character.compare(y, x)
            : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
