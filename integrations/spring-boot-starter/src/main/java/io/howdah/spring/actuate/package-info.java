/** What the actuator of a Spring Boot application shows of Howdah. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.actuate;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
