/** Howdah in a Spring Boot application. */
@NullMarked
@CheckReturnValue
package io.howdah.spring;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
