/** One-time tokens: for a password reset, the proof of an address, an invitation. */
@NullMarked
@CheckReturnValue
package io.howdah.token;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
