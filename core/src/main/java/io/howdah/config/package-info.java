/** Configuration values: see docs/configuration-values.md. */
@NullMarked
@CheckReturnValue
package io.howdah.config;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
