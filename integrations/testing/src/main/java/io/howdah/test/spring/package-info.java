/** For the tests of Spring Boot applications. */
@NullMarked
@CheckReturnValue
package io.howdah.test.spring;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
