/**
 * The embedded Postgres and the folder of its data; the one place in the server that speaks JDBC.
 */
@NullMarked
@CheckReturnValue
package io.howdah.server.postgres;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
