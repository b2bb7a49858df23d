/** Sessions, measured side by side: Spring Session on Redis and on Postgres, and Howdah. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.session;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
