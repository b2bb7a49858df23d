/** Buckets of Bucket4j in Postgres, as keys and values of a namespace. */
@NullMarked
@CheckReturnValue
package io.howdah.bucket4j;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
