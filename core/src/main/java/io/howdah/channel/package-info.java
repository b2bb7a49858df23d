/** Channels: see docs/channels.md. */
@NullMarked
@CheckReturnValue
package io.howdah.channel;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
