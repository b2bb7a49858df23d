/** Tests of what a benchmark leaves behind. */
package io.howdah.bench.report;
