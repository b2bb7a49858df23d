package io.howdah.bench.report;

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
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.w3c.dom.Document;

/** The look that all charts share, and the files that they become. */
final class ChartPicture {

  static final int WIDTH = 1_200;
  static final int HEIGHT = 620;
  static final Color INK = new Color(0x1f2937);
  static final Color BLUE = new Color(0x1d4ed8);

  private static final Color FAINT = new Color(0xe5e7eb);

  /** Pictures are looked at on screens with two pixels to a point. */
  private static final int PNG_SCALE = 2;

  /** Letters are drawn as outlines: more digits only make the file several times larger. */
  private static final int SVG_DECIMALS = 2;

  private ChartPicture() {}

  /** Draws a chart of this size. */
  @FunctionalInterface
  interface Painting {
    void paint(Graphics2D graphics, int width, int height);
  }

  /** Nothing is shown on a screen; on a desktop, AWT would otherwise look for one. */
  static void staysOffTheScreen() {
    System.setProperty("java.awt.headless", "true");
  }

  static void style(AxesChartStyler styler) {
    styler.setYAxisTickMarkSpacingHint(70);
    styler.setLegendSeriesLineLength(18);
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setPlotGridLinesColor(FAINT);
    styler.setPlotBorderVisible(false);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setChartFontColor(INK);
    styler.setAxisTickLabelsColor(INK);
    styler.setAxisTickMarksColor(FAINT);
    styler.setChartPadding(18);
    styler.setChartTitleFont(font(Font.BOLD, 20));
    styler.setChartTitleBoxVisible(false);
    styler.setAxisTitleFont(font(Font.PLAIN, 15));
    styler.setAxisTickLabelsFont(font(Font.PLAIN, 14));
    styler.setLegendFont(font(Font.PLAIN, 14));
    styler.setLegendPosition(LegendPosition.OutsideE);
    styler.setLegendLayout(LegendLayout.Vertical);
    styler.setLegendBorderColor(Color.WHITE);
  }

  static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }

  /** Writes a chart as SVG and as PNG, into files that differ in their ending. */
  static void write(Painting painting, Path folder, String baseName) throws IOException {
    write(painting, HEIGHT, folder, baseName);
  }

  /** The same, in another height. */
  static void write(Painting painting, int height, Path folder, String baseName)
      throws IOException {
    writeSvg(painting, height, folder.resolve(baseName + ".svg"));
    writePng(painting, height, folder.resolve(baseName + ".png"));
  }

  private static void writeSvg(Painting painting, int height, Path file) throws IOException {
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
    graphics.setSVGCanvasSize(new Dimension(WIDTH, height));
    painting.paint(graphics, WIDTH, height);
    try (Writer writer = Files.newBufferedWriter(file)) {
      graphics.stream(writer, true);
    }
  }

  private static void writePng(Painting painting, int height, Path file) throws IOException {
    BufferedImage image =
        new BufferedImage(WIDTH * PNG_SCALE, height * PNG_SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.scale(PNG_SCALE, PNG_SCALE);
    painting.paint(graphics, WIDTH, height);
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
  }
}
