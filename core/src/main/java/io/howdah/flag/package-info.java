/** Feature flags: see docs/flags.md. */
@NullMarked
@CheckReturnValue
package io.howdah.flag;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
