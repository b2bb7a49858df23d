/** Measures channels: delivery to many processes, and what notifying costs those who write. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.channel;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
