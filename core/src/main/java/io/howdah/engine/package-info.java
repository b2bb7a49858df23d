/** The one seam to JDBC: lanes, natural batching, joined transactions, errors. */
@NullMarked
@CheckReturnValue
package io.howdah.engine;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
