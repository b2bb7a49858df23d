/** What Howdah knows about its tables, its engine, and what Postgres does with them. */
@NullMarked
@CheckReturnValue
package io.howdah.stats;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
