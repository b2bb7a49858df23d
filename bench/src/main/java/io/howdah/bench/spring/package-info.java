/** Spring Session and {@code @Cacheable}, measured side by side: on Howdah, Redis and JDBC. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.spring;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
