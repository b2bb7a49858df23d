/** Tests of the package. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.session;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
