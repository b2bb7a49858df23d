/** Removes dead rows and keeps namespaces within their bounds: see docs/expiry.md. */
@NullMarked
@CheckReturnValue
package io.howdah.sweep;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
