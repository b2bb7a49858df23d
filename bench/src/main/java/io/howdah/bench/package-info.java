/** {@code howdah bench}: measurements side by side, which anybody can repeat. */
@NullMarked
@CheckReturnValue
package io.howdah.bench;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
