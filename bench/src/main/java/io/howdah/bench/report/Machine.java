package io.howdah.bench.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
  public String describe() {
    return "%d × %s, %d GiB of memory, %s; client and servers share the machine"
        .formatted(processors, processor, Math.round(memoryBytes / 0x1p30), operatingSystem);
  }

  /** Whether other programs took much of the processors when the benchmark began. */
  boolean isBusy() {
    return loadBefore > processors * 0.5;
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

  private static long totalMemory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }
}
