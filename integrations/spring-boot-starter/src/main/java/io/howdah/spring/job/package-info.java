/** Jobs that methods of beans do: see docs/spring-jobs.md. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.job;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
