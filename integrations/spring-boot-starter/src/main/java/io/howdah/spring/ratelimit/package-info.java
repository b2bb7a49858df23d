/** Rate limits of methods and of paths: see docs/spring-rate-limits.md. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.ratelimit;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
