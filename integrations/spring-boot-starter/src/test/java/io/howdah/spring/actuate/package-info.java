/** Tests of what the actuator shows. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.actuate;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
