/** The server: Howdah over HTTP, on an embedded Postgres or on one that runs already. */
@NullMarked
@CheckReturnValue
package io.howdah.server;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
