/** Tests of channels in Spring applications. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.channel;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
