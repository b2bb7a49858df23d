/** Tests of the measuring itself: a benchmark that adds up wrongly is worse than none. */
package io.howdah.bench.measure;
