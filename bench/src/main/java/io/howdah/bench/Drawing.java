package io.howdah.bench;

import io.howdah.bench.report.ChartFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The charts of a benchmark, where they can be drawn. */
final class Drawing {

  private Drawing() {}

  /** Draws. */
  @FunctionalInterface
  interface Charts {
    List<ChartFile> draw() throws IOException;
  }

  /** A JDK without fonts cannot draw; the figures are worth having all the same. */
  static List<ChartFile> of(Charts charts, PrintWriter console) throws IOException {
    try {
      return charts.draw();
    } catch (LinkageError | InternalError | NullPointerException e) {
      console.println("No charts: this JDK cannot draw text, is fontconfig installed? " + e);
      return List.of();
    }
  }

  /** Which files there are now. */
  static String written(Path folder, String baseName, List<ChartFile> charts) {
    return "Written to %s: %s.json, %s.md".formatted(folder, baseName, baseName)
        + charts.stream()
            .map(chart -> ", " + chart.baseName() + ".svg and .png")
            .collect(Collectors.joining());
  }
}
