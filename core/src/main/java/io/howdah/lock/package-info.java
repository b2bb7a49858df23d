/** Locks with an end and a fencing token: see docs/locks.md. */
@NullMarked
@CheckReturnValue
package io.howdah.lock;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
