/** What the benchmarks have in common in which contestants take turns. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.sidebyside;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
