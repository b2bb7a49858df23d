/** A configuration of PgBouncer for a database. */
@NullMarked
@CheckReturnValue
package io.howdah.cli.pgbouncer;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
