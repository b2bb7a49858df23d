/** Howdah's locks where Spring applications lock: ShedLock, Spring Integration. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.lock;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
