package io.howdah.bench.preference;

import io.howdah.bench.measure.Schedule;
import io.howdah.bench.measure.WorkloadInfo;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is measured, and how long.
 *
 * @param schedule rounds and their length
 * @param users how many users there are, at least {@link #VALUES}
 */
public record PreferenceSettings(Schedule schedule, int users) {
  /** How many preferences each user has. */
  public static final int KEYS = 20;

  /** How many values each preference may have: so many users have one of them in common. */
  public static final int VALUES = 1_000;

  /** What the reports call the cases. */
  public List<WorkloadInfo> workloads() {
    return Arrays.stream(Question.values()).map(Question::info).toList();
  }

  /** The settings in the words of the command line. */
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>(schedule.asOptions());
    options.put("users", Integer.toString(users));
    return options;
  }
}
