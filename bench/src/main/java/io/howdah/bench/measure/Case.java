package io.howdah.bench.measure;

/**
 * One cell of a benchmark.
 *
 * @param workload what is called, in the words of the benchmark
 * @param threads how many threads call at the same time
 */
public record Case(String workload, int threads) {}
