package io.howdah.bench.report;

/**
 * A chart that was written as SVG and as PNG.
 *
 * @param workload the id of what it shows
 * @param title for people who do not see it
 * @param baseName the name of the two files, without folder and ending
 */
public record ChartFile(String workload, String title, String baseName) {}
