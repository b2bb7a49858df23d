/** The cache benchmark: values that are computed when they are missing, in Redis and in Howdah. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.cache;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
