/** Tests of the package. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.cache;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
