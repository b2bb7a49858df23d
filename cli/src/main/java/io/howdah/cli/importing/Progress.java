package io.howdah.cli.importing;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far it is, on standard error: a bar on a terminal, elsewhere a line now and then. */
public final class Progress implements AutoCloseable {
  private static final long EVERY_NANOS = Duration.ofSeconds(5).toNanos();

  private @Nullable ProgressBar bar;
  private final PrintStream err;
  private final long size;
  private long sayAt;

  private Progress(@Nullable ProgressBar bar, PrintStream err, long size) {
    this.bar = bar;
    this.err = err;
    this.size = size;
    this.sayAt = System.nanoTime() + EVERY_NANOS;
  }

  /**
   * Begins to show.
   *
   * @param size bytes of the file; -1 when that is not known
   * @param done bytes of it that an earlier run has read
   */
  @SuppressWarnings("SystemOut") // the terminal is what it is for
  public static Progress start(String name, long size, long done) {
    if (!isTerminal()) {
      return new Progress(null, System.err, size);
    }
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(name)
            .setInitialMax(size)
            .setUnit(" MB", 1_000_000)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(new ConsoleProgressBarConsumer(System.err))
            .startsFrom(done, Duration.ZERO)
            .build();
    return new Progress(bar, System.err, size);
  }

  /** Since Java 22 there is a console also where there is no terminal, and a method that tells. */
  @SuppressWarnings("SystemConsoleNull") // on Java 17 it still may be
  private static boolean isTerminal() {
    if (System.console() == null) {
      return false;
    }
    try {
      return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(System.console());
    } catch (NoSuchMethodException e) {
      return true;
    } catch (IllegalAccessException | InvocationTargetException e) {
      return false;
    }
  }

  void at(long bytes, long records) {
    if (bar != null) {
      bar.stepTo(bytes).setExtraMessage(String.format(Locale.ROOT, "%,d records", records));
    } else if (System.nanoTime() - sayAt >= 0) {
      sayAt = System.nanoTime() + EVERY_NANOS;
      String share =
          size > 0 ? String.format(Locale.ROOT, ", %d %% of the file", 100 * bytes / size) : "";
      err.println("howdah: " + String.format(Locale.ROOT, "%,d records read", records) + share);
    }
  }

  /** Ends the bar; again does nothing. */
  @Override
  public void close() {
    ProgressBar shown = bar;
    bar = null;
    if (shown != null) {
      shown.close();
    }
  }
}
