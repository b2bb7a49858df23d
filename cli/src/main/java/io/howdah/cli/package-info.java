/** The commands behind the launcher. */
@NullMarked
@CheckReturnValue
package io.howdah.cli;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
