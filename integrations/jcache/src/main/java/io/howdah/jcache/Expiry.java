package io.howdah.jcache;

import javax.cache.expiry.CreatedExpiryPolicy;
import javax.cache.expiry.Duration;
import javax.cache.expiry.EternalExpiryPolicy;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.expiry.ModifiedExpiryPolicy;
import javax.cache.expiry.TouchedExpiryPolicy;
import org.jspecify.annotations.Nullable;

/** The expiry policy of a cache. */
final class Expiry {
  private final ExpiryPolicy policy;

  Expiry(ExpiryPolicy policy) {
    this.policy = policy;
  }

  ExpiryPolicy policy() {
    return policy;
  }

  /** Never {@link Ttl#KEEPS}. */
  Ttl ofCreation() {
    Duration answer = policy.getExpiryForCreation();
    return answer == null ? Ttl.ETERNAL : Ttl.of(answer);
  }

  Ttl ofAccess() {
    return kept(policy.getExpiryForAccess());
  }

  Ttl ofUpdate() {
    return kept(policy.getExpiryForUpdate());
  }

  private static Ttl kept(@Nullable Duration answer) {
    return answer == null ? Ttl.KEEPS : Ttl.of(answer);
  }

  /**
   * What a put gives an entry whether there is one or not; null when that makes a difference, or
   * may make one.
   */
  @Nullable Ttl ofAnyPut() {
    Class<?> known = policy.getClass();
    if (known == EternalExpiryPolicy.class) {
      return Ttl.ETERNAL;
    }
    return known == ModifiedExpiryPolicy.class || known == TouchedExpiryPolicy.class
        ? ofCreation()
        : null;
  }

  /** Whether it has nothing to say about reads. */
  boolean ignoresAccess() {
    Class<?> known = policy.getClass();
    return known == EternalExpiryPolicy.class
        || known == CreatedExpiryPolicy.class
        || known == ModifiedExpiryPolicy.class;
  }
}
