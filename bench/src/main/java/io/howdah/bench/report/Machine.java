package io.howdah.bench.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the figures were measured on; nothing in it names the machine.
 *
 * @param fileSystem where the servers keep their data
 * @param loadBefore the load average when the benchmark began; negative when it is not known
 */
public record Machine(
    String processor,
    int processors,
    long memoryBytes,
    String operatingSystem,
    String java,
    long maxHeapBytes,
    String fileSystem,
    double loadBefore) {

  /** Looks at the machine that this program runs on. */
  public static Machine detect(String fileSystem) {
    Runtime runtime = Runtime.getRuntime();
    return new Machine(
        processorModel(),
        runtime.availableProcessors(),
        totalMemory(),
        kernel(),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        runtime.maxMemory(),
        fileSystem,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  /** One line for people. */
  String describe() {
    return "%d × %s, %d GiB of memory, %s; client and servers share the machine"
        .formatted(processors, processor, Math.round(memoryBytes / 0x1p30), operatingSystem);
  }

  /** The rest, in one line. */
  String describeState() {
    return "load average at the start %s; data folder of the private servers on %s; %s, heap of at most %d MiB"
        .formatted(
            loadBefore < 0 ? "unknown" : String.format(Locale.ROOT, "%.1f", loadBefore),
            fileSystem,
            java,
            maxHeapBytes >> 20);
  }

  /** What makes the figures worth less. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (fileSystem.equals("tmpfs") || fileSystem.equals("ramfs")) {
      warnings.add(
          "The data are in memory (%s), where fsync is free: the durable figures mean nothing. Name a folder on a disk with --work-dir."
              .formatted(fileSystem));
    }
    if (loadBefore > processors * 0.5) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "The load average was %.1f at the start: other programs were running, the figures are rough.",
              loadBefore));
    }
    return warnings;
  }

  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("processor", processor);
    map.put("processors", processors);
    map.put("memoryBytes", memoryBytes);
    map.put("operatingSystem", operatingSystem);
    map.put("java", java);
    map.put("maxHeapBytes", maxHeapBytes);
    map.put("fileSystem", fileSystem);
    map.put("loadBefore", loadBefore);
    return map;
  }

  /** Only the first two numbers: what follows them is often the name of somebody's own build. */
  private static String kernel() {
    String version = System.getProperty("os.version").replaceFirst("^(\\d+\\.\\d+).*", "$1");
    return System.getProperty("os.name") + " " + version;
  }

  private static String processorModel() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElseGet(Machine::architecture);
    } catch (IOException e) {
      return architecture();
    }
  }

  private static String architecture() {
    return System.getProperty("os.arch");
  }

  /** Of the machine, in bytes. */
  public static long totalMemory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }
}
