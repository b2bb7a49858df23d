/** Private servers for the time of a benchmark, in a folder that is removed afterwards. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.server;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
