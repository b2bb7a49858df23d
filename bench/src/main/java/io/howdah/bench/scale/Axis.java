package io.howdah.bench.scale;

import io.howdah.bench.kv.Variant;
import io.howdah.bench.report.Machine;
import io.howdah.bench.server.Servers;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;

/** Of what there is more and more. */
public enum Axis {
  KEYS("Keys", List.of(10_000, 100_000, 1_000_000, 10_000_000), 64, "get,set"),
  VALUES("Bytes of a value", List.of(100, 1_024, 16_384), 64, "get,set"),
  CALLERS("Callers", List.of(1, 4, 16, 64, 256, 1_000), 0, "get,set"),
  LATENCY("Added round trip", List.of(0, 200, 1_000, 5_000), 256, "get"),
  PROCESSES("Processes", List.of(10), 1_000, "get");

  private final String label;
  private final List<Integer> values;
  private final int callers;
  private final String ops;

  Axis(String label, List<Integer> values, int callers, String ops) {
    this.label = label;
    this.values = values;
    this.callers = callers;
    this.ops = ops;
  }

  /** The name on the command line and of the files. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As charts show it. */
  public String label() {
    return label;
  }

  /** What is measured of it when nobody says so. */
  public List<Integer> amounts() {
    return values;
  }

  /** How many callers there are then. */
  public int callers() {
    return callers;
  }

  /**
   * The lanes of each Howdah then. Many processes need few each: then more calls share a statement.
   */
  public int lanes() {
    return switch (this) {
      case LATENCY -> ScaleSettings.CONNECTIONS_FAR_AWAY;
      case PROCESSES -> 1;
      case KEYS, VALUES, CALLERS -> Variant.STANDARD.lanes();
    };
  }

  /**
   * The shared buffers of the private Postgres then, in MiB: where much is stored, a quarter of the
   * machine's memory, as Postgres's documentation advises.
   */
  public int sharedBuffersMib() {
    return this == KEYS
        ? Math.max(Servers.SHARED_BUFFERS_MIB, (int) (Machine.totalMemory() >> 22))
        : Servers.SHARED_BUFFERS_MIB;
  }

  /** Which calls they make then. */
  public List<String> ops() {
    return List.of(ops.split(",", -1));
  }

  /** Who is measured then. */
  public List<String> targets() {
    return switch (this) {
      case KEYS, VALUES, LATENCY -> List.of("lettuce", "jdbc", "howdah-ephemeral");
      case CALLERS ->
          List.of("lettuce", "jdbc", "jdbc-pgbouncer", "howdah-ephemeral", "howdah-pgbouncer");
      case PROCESSES ->
          List.of("lettuce", "jdbc-pgbouncer", "howdah-ephemeral", "howdah-pgbouncer");
    };
  }

  /** For people, for example 10k keys. */
  public String describe(int value) {
    return switch (this) {
      case KEYS -> amount(value) + " keys";
      case VALUES -> value + " bytes";
      case CALLERS -> value + " callers";
      case LATENCY -> milliseconds(value) + " further away";
      case PROCESSES -> value + " processes";
    };
  }

  /** For example 10k, 10M. */
  public String tick(int value) {
    return switch (this) {
      case KEYS -> amount(value);
      case LATENCY -> milliseconds(value);
      default -> String.format(Locale.ROOT, "%,d", value);
    };
  }

  private static String milliseconds(int micros) {
    return BigDecimal.valueOf(micros, 3).stripTrailingZeros().toPlainString() + " ms";
  }

  private static String amount(int value) {
    if (value >= 1_000_000 && value % 1_000_000 == 0) {
      return value / 1_000_000 + "M";
    }
    return value >= 1_000 && value % 1_000 == 0 ? value / 1_000 + "k" : Integer.toString(value);
  }
}
