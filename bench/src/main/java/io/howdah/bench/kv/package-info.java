/** The key-value benchmark: the same gets and sets against Redis, plain JDBC and Howdah. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.kv;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
