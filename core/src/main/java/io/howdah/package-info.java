/** The entry to Howdah: {@link io.howdah.Howdah} hands out the workloads. */
@NullMarked
@CheckReturnValue
package io.howdah;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
