/** Tests of the starter. */
@NullMarked
@CheckReturnValue
package io.howdah.spring;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
