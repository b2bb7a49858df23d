package io.howdah.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart of bars, in groups, each with its figure over it; or of lines over the groups. */
final class Bars {

  private final CategoryChart chart;
  private final List<String> groups;

  /**
   * @param axis what the bars measure, and in which unit
   * @param groups what stands below each group
   */
  Bars(String title, String axis, List<String> groups) {
    this.groups = groups;
    chart =
        new CategoryChartBuilder()
            .width(ChartPicture.WIDTH)
            .height(ChartPicture.HEIGHT)
            .title(title)
            .yAxisTitle(axis)
            .build();
    CategoryStyler styler = chart.getStyler();
    ChartPicture.style(styler);
    styler.setLabelsVisible(true);
    styler.setLabelsPosition(1.03);
    styler.setLabelsFont(ChartPicture.font(Font.PLAIN, 11));
    styler.setLabelsFontColorAutomaticEnabled(false);
    styler.setLabelsFontColor(ChartPicture.INK);
    styler.setAvailableSpaceFill(0.85);
    styler.setYAxisMin(0.0);
    styler.setYAxisDecimalPattern("#,##0.##");
    styler.setDecimalPattern("#,##0.##");
    styler.setXAxisTitleVisible(false);
  }

  /**
   * A chart of lines, for groups that are more and more of something.
   *
   * @param groupAxis what the groups are
   */
  static Bars joined(String title, String axis, String groupAxis, List<String> groups) {
    Bars bars = new Bars(title, axis, groups);
    bars.chart.setXAxisTitle(groupAxis);
    CategoryStyler styler = bars.chart.getStyler();
    styler.setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
    styler.setXAxisTitleVisible(true);
    // Otherwise each line is moved aside, as bars are.
    styler.setOverlapped(true);
    styler.setLabelsVisible(false);
    return bars;
  }

  /**
   * Adds a bar to each group.
   *
   * @param values null where a group has none
   */
  void add(String label, List<? extends @Nullable Double> values, Color colour) {
    CategorySeries series = chart.addSeries(label, groups, values);
    series.setFillColor(colour);
    series.setLineColor(colour);
    series.setLineStyle(new BasicStroke(3));
    series.setMarker(SeriesMarkers.CIRCLE);
    series.setMarkerColor(colour);
  }

  void write(Path folder, String baseName) throws IOException {
    ChartPicture.write(chart::paint, folder, baseName);
  }
}
