package io.howdah.bench.report;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
 * @param busyBefore how many of the processors other programs kept busy right before; negative when
 *     it is not known
 */
public record Machine(
    String processor,
    int processors,
    long memoryBytes,
    String operatingSystem,
    String java,
    long maxHeapBytes,
    String fileSystem,
    double busyBefore) {

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static final Duration LOOK = Duration.ofMillis(700);

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
        busyProcessors());
  }

  /** One line for people. */
  String describe() {
    return "%d × %s, %d GiB of memory, %s; client and servers share the machine"
        .formatted(processors, processor, Math.round(memoryBytes / 0x1p30), operatingSystem);
  }

  /** The rest, in one line. */
  String describeState() {
    return "other programs kept %s processors busy right before; data folder of the private servers on %s; %s, heap of at most %d MiB"
        .formatted(
            busyBefore < 0
                ? "an unknown number of"
                : String.format(Locale.ROOT, "%.1f", busyBefore),
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
    if (busyBefore > processors * 0.2) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "Other programs kept %.1f of %d processors busy right before: the figures are rough.",
              busyBefore,
              processors));
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
    map.put("busyProcessorsBefore", busyBefore);
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
    return SYSTEM.getTotalMemorySize();
  }

  /**
   * Looks for a moment, in which this program does nothing. The load average would tell of the
   * benchmark that ran before.
   */
  private static double busyProcessors() {
    double since = SYSTEM.getCpuLoad();
    try {
      Thread.sleep(LOOK.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
    double share = SYSTEM.getCpuLoad();
    return since < 0 || share < 0 ? -1 : share * SYSTEM.getAvailableProcessors();
  }
}
