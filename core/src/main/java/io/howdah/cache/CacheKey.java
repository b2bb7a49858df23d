package io.howdah.cache;

/** An entry of a cache. */
record CacheKey(String cache, String key) {}
