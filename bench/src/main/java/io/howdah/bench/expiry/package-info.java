/** What the end of values costs: refreshing it, many that end at once, and eviction. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.expiry;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
