/** Postgres's own benchmark program: a neighbour that behaves like a bank, and a yardstick. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.pgbench;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
