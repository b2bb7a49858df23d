/** Tests of jobs in Spring applications. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.job;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
