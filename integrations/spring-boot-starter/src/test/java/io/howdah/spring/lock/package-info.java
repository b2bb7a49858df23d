/** Tests of locks in Spring applications. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.lock;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
