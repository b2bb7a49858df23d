/** Rate limits: see docs/rate-limits.md. */
@NullMarked
@CheckReturnValue
package io.howdah.ratelimit;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
