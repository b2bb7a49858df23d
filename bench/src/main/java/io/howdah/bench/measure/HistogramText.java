package io.howdah.bench.measure;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** Histograms as a word, for another process. */
public final class HistogramText {

  private HistogramText() {}

  /** Writes one. */
  public static String of(Histogram histogram) {
    ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(buffer);
    byte[] bytes = new byte[length];
    buffer.rewind().get(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Histogram parse(String text) {
    try {
      return Histogram.decodeFromCompressedByteBuffer(
          ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0);
    } catch (DataFormatException | RuntimeException e) {
      throw new IllegalArgumentException("not a histogram: " + text, e);
    }
  }
}
