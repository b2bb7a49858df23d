package io.howdah.bench.report;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a run of a benchmark was, whatever it measured.
 *
 * @param benchmark its name, which the files begin with
 * @param command what to type to run it again
 * @param settings the options of the benchmark
 * @param servers versions and settings of the servers, by server
 * @param libraries versions of the drivers
 */
public record RunInfo(
    String benchmark,
    Instant startedAt,
    String command,
    Machine machine,
    Map<String, String> settings,
    Map<String, Map<String, String>> servers,
    Map<String, String> libraries) {

  /** A setting; the name is that of an option without its dashes. */
  String setting(String name) {
    return settings.getOrDefault(name, "?");
  }

  /** The beginning of a report for programs. */
  Map<String, Object> asMap(boolean valid) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("benchmark", benchmark);
    map.put("startedAt", startedAt.toString());
    map.put("command", command);
    map.put("valid", valid);
    map.put("settings", settings);
    map.put("machine", machine.asMap());
    map.put("servers", servers);
    map.put("libraries", libraries);
    return map;
  }
}
