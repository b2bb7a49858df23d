/** The key-value benchmark: the same gets and sets against Redis, plain JDBC and Howdah. */
@NullMarked
package io.howdah.bench.kv;

import org.jspecify.annotations.NullMarked;
