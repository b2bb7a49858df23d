/**
 * What the SQL functions cost: the engine's batches beside the same statements without a function.
 */
@NullMarked
@CheckReturnValue
package io.howdah.bench.functions;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
