/** Measures the evaluation of feature flags, in one process and without a database. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.flag;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
