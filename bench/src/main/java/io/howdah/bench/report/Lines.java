package io.howdah.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart of lines over time. */
final class Lines {

  private final XYChart chart;

  /**
   * @param axis what the lines measure, and in which unit
   * @param time what the time is counted from, and in which unit
   */
  Lines(String title, String axis, String time) {
    chart =
        new XYChartBuilder()
            .width(ChartPicture.WIDTH)
            .height(ChartPicture.HEIGHT)
            .title(title)
            .xAxisTitle(time)
            .yAxisTitle(axis)
            .build();
    XYStyler styler = chart.getStyler();
    ChartPicture.style(styler);
    styler.setYAxisMin(0.0);
    styler.setXAxisMin(0.0);
    styler.setYAxisDecimalPattern("#,##0.##");
    styler.setXAxisDecimalPattern("#,##0.##");
  }

  /** Adds a line; nothing where it has no point. */
  void add(String label, List<Double> times, List<Double> values, Color colour) {
    if (!times.isEmpty()) {
      XYSeries line = chart.addSeries(label, times, values);
      line.setLineColor(colour).setLineStyle(new BasicStroke(2));
      line.setMarker(SeriesMarkers.NONE);
    }
  }

  void write(Path folder, String baseName) throws IOException {
    ChartPicture.write(chart::paint, folder, baseName);
  }
}
