/** {@code bench jobs}: Howdah's jobs beside db-scheduler and JobRunr. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.job;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
