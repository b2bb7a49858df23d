/** Caches of computed values: one computation in the whole cluster, evicted with the data. */
@NullMarked
@CheckReturnValue
package io.howdah.cache;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
