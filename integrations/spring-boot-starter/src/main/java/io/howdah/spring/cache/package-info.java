/** Spring's cache abstraction on Howdah's caches. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.cache;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
