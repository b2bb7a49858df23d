package io.howdah.cli;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The variables of the environment that set options: HOWDAH_DATA is --data. A blank one counts as
 * not set.
 */
final class Variables implements IDefaultValueProvider {
  private static final Set<String> OPTIONS =
      Set.of(
          "--data",
          "--database-url",
          "--http-port",
          "--http-host",
          "--postgres-port",
          "--schema",
          "--schema-mode",
          "--lanes",
          "--call-timeout");

  @Override
  public @Nullable String defaultValue(ArgSpec arg) {
    return arg instanceof OptionSpec option && OPTIONS.contains(option.longestName())
        ? get(option.longestName())
        : null;
  }

  /** The variable of an option; null when it is not set. */
  static @Nullable String get(String option) {
    String value = System.getenv(nameOf(option));
    return value == null || value.isBlank() ? null : value;
  }

  static String nameOf(String option) {
    return "HOWDAH_" + option.substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
