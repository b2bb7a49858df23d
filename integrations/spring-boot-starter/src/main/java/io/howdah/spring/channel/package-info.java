/** Messages that methods of beans hear: see docs/spring-channels.md. */
@NullMarked
@CheckReturnValue
package io.howdah.spring.channel;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
