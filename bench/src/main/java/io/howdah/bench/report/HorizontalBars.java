package io.howdah.bench.report;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.HorizontalBarChart;
import org.knowm.xchart.HorizontalBarChartBuilder;
import org.knowm.xchart.style.HorizontalBarStyler;

/** A chart of bars that lie, for long names, each with its figure behind it. */
final class HorizontalBars {

  private static final int AROUND = 140;
  private static final int PER_BAR = 34;

  private final HorizontalBarChart chart;
  private final List<String> names;

  /**
   * @param axis what the bars measure, and in which unit
   * @param names what stands before each, from above
   */
  HorizontalBars(String title, String axis, List<String> names) {
    this.names = names;
    chart =
        new HorizontalBarChartBuilder()
            .width(ChartPicture.WIDTH)
            .height(height())
            .title(title)
            .xAxisTitle(axis)
            .build();
    HorizontalBarStyler styler = chart.getStyler();
    ChartPicture.style(styler);
    styler.setPlotGridHorizontalLinesVisible(false);
    styler.setLabelsVisible(true);
    styler.setLabelsPosition(1.03);
    styler.setLabelsFont(ChartPicture.font(Font.PLAIN, 11));
    styler.setLabelsFontColorAutomaticEnabled(false);
    styler.setLabelsFontColor(ChartPicture.INK);
    styler.setAvailableSpaceFill(0.8);
    styler.setXAxisMin(0.0);
    styler.setDecimalPattern("#,##0.##");
    styler.setYAxisTitleVisible(false);
    // Otherwise names are left out: the library takes this one for both axes.
    styler.setXAxisTickMarkSpacingHint(20);
    // Each bar has its figure.
    styler.setXAxisTicksVisible(false);
    styler.setLegendVisible(false);
  }

  /** Adds a bar to each name. */
  void add(String label, List<Double> values, Color colour) {
    chart.addSeries(label, values, names).setFillColor(colour);
  }

  private int height() {
    return AROUND + PER_BAR * names.size();
  }

  void write(Path folder, String baseName) throws IOException {
    ChartPicture.write(chart::paint, height(), folder, baseName);
  }
}
