package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Profile;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.w3c.dom.Document;

/** Throughput by number of threads, a bar for each contestant. */
final class ThroughputChart {

  private static final int WIDTH = 1_200;
  private static final int HEIGHT = 620;

  /** Pictures are looked at on screens with two pixels to a point. */
  private static final int PNG_SCALE = 2;

  /** Letters are drawn as outlines: more digits only make the file several times larger. */
  private static final int SVG_DECIMALS = 2;

  private static final Color INK = new Color(0x1f2937);
  private static final Color FAINT = new Color(0xe5e7eb);

  private final CategoryChart chart;

  ThroughputChart(Report report, String workload, String title, List<Profile> contestants) {
    chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .yAxisTitle("Thousand calls per second (more is better)")
            .build();
    style(chart.getStyler());
    List<Integer> threadCounts = report.threadCounts();
    List<String> categories = threadCounts.stream().map(Tables::threads).toList();
    Map<Profile.Family, Integer> seen = new EnumMap<>(Profile.Family.class);
    for (Profile contestant : contestants) {
      List<Double> values =
          threadCounts.stream()
              .map(threads -> report.of(workload, threads, contestant))
              .map(result -> result.filter(CaseResult::isValid))
              .map(result -> result.map(ThroughputChart::thousands).orElse(0.0))
              .toList();
      List<Color> ramp = colours(contestant.family());
      int index = seen.merge(contestant.family(), 1, Integer::sum) - 1;
      chart
          .addSeries(contestant.label(), categories, values)
          .setFillColor(ramp.get(index % ramp.size()));
    }
  }

  private static void style(CategoryStyler styler) {
    styler.setLabelsVisible(true);
    styler.setLabelsPosition(1.03);
    styler.setLabelsFont(font(Font.PLAIN, 11));
    styler.setLabelsFontColorAutomaticEnabled(false);
    styler.setLabelsFontColor(INK);
    styler.setAvailableSpaceFill(0.85);
    styler.setYAxisMin(0.0);
    styler.setYAxisTickMarkSpacingHint(70);
    styler.setLegendSeriesLineLength(18);
    styler.setYAxisDecimalPattern("#,##0.#");
    styler.setDecimalPattern("#,##0.#");
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setPlotGridLinesColor(FAINT);
    styler.setPlotBorderVisible(false);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setChartFontColor(INK);
    styler.setAxisTickLabelsColor(INK);
    styler.setAxisTickMarksColor(FAINT);
    styler.setChartPadding(18);
    styler.setXAxisTitleVisible(false);
    styler.setChartTitleFont(font(Font.BOLD, 20));
    styler.setChartTitleBoxVisible(false);
    styler.setAxisTitleFont(font(Font.PLAIN, 15));
    styler.setAxisTickLabelsFont(font(Font.PLAIN, 14));
    styler.setLegendFont(font(Font.PLAIN, 14));
    styler.setLegendPosition(LegendPosition.OutsideE);
    styler.setLegendLayout(LegendLayout.Vertical);
    styler.setLegendBorderColor(Color.WHITE);
  }

  void writeSvg(Path file) throws IOException {
    Document document;
    try {
      document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .getDOMImplementation()
              .createDocument(SVGGraphics2D.SVG_NAMESPACE_URI, "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("the JDK has no XML parser", e);
    }
    SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
    context.setPrecision(SVG_DECIMALS);
    context.setComment("");
    SVGGraphics2D graphics = new SVGGraphics2D(context, true);
    graphics.setSVGCanvasSize(new Dimension(WIDTH, HEIGHT));
    chart.paint(graphics, WIDTH, HEIGHT);
    try (Writer writer = Files.newBufferedWriter(file)) {
      graphics.stream(writer, true);
    }
  }

  void writePng(Path file) throws IOException {
    BufferedImage image =
        new BufferedImage(WIDTH * PNG_SCALE, HEIGHT * PNG_SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.scale(PNG_SCALE, PNG_SCALE);
    chart.paint(graphics, WIDTH, HEIGHT);
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  /** Rounded to what fits over a bar. */
  private static double thousands(CaseResult result) {
    double thousands = result.throughput().median() / 1_000;
    return thousands >= 9.95 ? Math.rint(thousands) : Math.rint(thousands * 10) / 10;
  }

  private static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }

  /** A hue for each family, so that its members are told apart and yet belong together. */
  private static List<Color> colours(Profile.Family family) {
    IntStream shades =
        switch (family) {
          case REDIS -> IntStream.of(0xb91c1c, 0xef4444, 0xf97316, 0xfbbf24, 0xfde68a);
          case POSTGRES -> IntStream.of(0x6b7280, 0x9ca3af, 0xd1d5db);
          case HOWDAH -> IntStream.of(0x1d4ed8, 0x3b82f6, 0x06b6d4, 0x67e8f9);
        };
    return shades.mapToObj(Color::new).toList();
  }
}
