package io.howdah.bench.report;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.CategoryStyler;

/** A chart of bars, in groups, each with its figure over it. */
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
   * Adds a bar to each group.
   *
   * @param values null where a group has none
   */
  void add(String label, List<? extends @Nullable Double> values, Color colour) {
    chart.addSeries(label, groups, values).setFillColor(colour);
  }

  void write(Path folder, String baseName) throws IOException {
    ChartPicture.write(chart::paint, folder, baseName);
  }
}
