/**
 * What the SQL functions cost: the engine's batches beside the same statements without a function.
 */
@NullMarked
package io.howdah.bench.functions;

import org.jspecify.annotations.NullMarked;
