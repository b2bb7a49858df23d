/** Jobs: work for later, or for another process. See docs/jobs.md. */
@NullMarked
@CheckReturnValue
package io.howdah.job;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
