package io.howdah.bench.functions;

import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Schedule;
import io.howdah.bench.measure.WorkloadInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is measured, and how long.
 *
 * @param operations get, set
 * @param levels in which namespaces
 * @param sizes how many keys a statement has
 * @param schedule rounds and their length
 * @param keys how many keys there are, at least the largest size
 * @param valueBytes the length of each value
 */
public record FunctionsSettings(
    List<Operation> operations,
    List<Durability> levels,
    List<Integer> sizes,
    Schedule schedule,
    int keys,
    int valueBytes) {

  List<BatchCase> cases() {
    List<BatchCase> cases = new ArrayList<>();
    for (Operation operation : operations) {
      for (Durability level : levels) {
        sizes.forEach(size -> cases.add(new BatchCase(operation, level, size)));
      }
    }
    return cases;
  }

  /** What the reports call the cases. */
  public List<WorkloadInfo> workloads() {
    return cases().stream().map(BatchCase::info).toList();
  }

  /** The settings in the words of the command line. */
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("ops", joined(operations.stream().map(Operation::id).toList()));
    options.put(
        "levels",
        joined(levels.stream().map(each -> each.name().toLowerCase(Locale.ROOT)).toList()));
    options.put("batch-sizes", joined(sizes));
    options.putAll(schedule.asOptions());
    options.put("keys", Integer.toString(keys));
    options.put("value-bytes", Integer.toString(valueBytes));
    return options;
  }

  private static String joined(List<?> values) {
    return values.stream().map(Object::toString).collect(Collectors.joining(","));
  }
}
