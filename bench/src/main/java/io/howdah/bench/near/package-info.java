/** Measures reads that near caches answer. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.near;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
