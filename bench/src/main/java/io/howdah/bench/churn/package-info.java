/** Whether the store stays as it is while values come and go: throughput and size over time. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.churn;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
