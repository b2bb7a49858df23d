/** The library in an application of Spring Boot 3.5. */
@NullMarked
@CheckReturnValue
package io.howdah.spring3;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
