/**
 * Measuring: contestants take turns in short rounds on the same machine, so that what disturbs one
 * of them (a checkpoint, a neighbour, a hot CPU) disturbs the others as well.
 */
@NullMarked
package io.howdah.bench.measure;

import org.jspecify.annotations.NullMarked;
