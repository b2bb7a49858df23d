package io.howdah.kv;

/** What a row is found by. */
record KvKey(String namespace, String key) {}
