/** What Howdah costs the application that shares its Postgres: pgbench, with it and without. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.neighbour;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
