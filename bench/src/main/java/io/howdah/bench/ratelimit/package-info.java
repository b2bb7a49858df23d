/** The rate limit benchmark: the same limits in Redis, in Bucket4j and in Howdah. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.ratelimit;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
