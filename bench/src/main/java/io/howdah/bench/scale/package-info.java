/** How throughput changes when there is more of something: keys, bytes, callers, latency. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.scale;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
