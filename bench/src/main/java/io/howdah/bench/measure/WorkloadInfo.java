package io.howdah.bench.measure;

/**
 * A workload, as reports show it.
 *
 * @param id the name on the command line and in the JSON file
 * @param label the name for tables and charts
 * @param writes whether it writes, so that durability makes a difference
 */
public record WorkloadInfo(String id, String label, boolean writes) {}
