/**
 * Measuring: contestants take turns in short rounds on the same machine, so that what disturbs one
 * of them (a checkpoint, a neighbour, a hot CPU) disturbs the others as well.
 */
@NullMarked
@CheckReturnValue
package io.howdah.bench.measure;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
