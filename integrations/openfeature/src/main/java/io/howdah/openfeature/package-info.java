/** OpenFeature on Howdah's flags: see docs/openfeature.md. */
@NullMarked
@CheckReturnValue
package io.howdah.openfeature;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
