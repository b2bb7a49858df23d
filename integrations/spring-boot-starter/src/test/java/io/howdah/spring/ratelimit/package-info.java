/** Tests of rate limits in Spring applications. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.ratelimit;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
