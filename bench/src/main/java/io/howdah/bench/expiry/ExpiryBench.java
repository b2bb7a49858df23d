package io.howdah.bench.expiry;

import io.howdah.bench.expiry.Refreshes.Order;
import io.howdah.bench.server.PostgresServer;
import io.howdah.bench.server.Servers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Measures the parts, one after the other. */
public final class ExpiryBench {

  private final ExpirySettings settings;
  private final Servers servers;
  private final Consumer<String> progress;
  private final List<RefreshResult> refreshes = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private @Nullable MassExpiryResult massExpiry;
  private @Nullable EvictionResult eviction;

  public ExpiryBench(ExpirySettings settings, Servers servers, Consumer<String> progress) {
    this.settings = settings;
    this.servers = servers;
    this.progress = progress;
  }

  /** How many connections to Postgres it opens. */
  public static int connections() {
    return 30;
  }

  /** Starts the server. */
  public void prepare() throws Exception {
    PostgresServer unused = servers.postgres();
  }

  /**
   * Measures.
   *
   * @param afterEachPart is given all results so far
   */
  public ExpiryResult run(Consumer<ExpiryResult> afterEachPart) throws Exception {
    for (Part part : settings.parts()) {
      switch (part) {
        case REFRESH -> refresh();
        case MASS ->
            massExpiry = new MassExpiry(servers.postgres(), settings, progress, problems).run();
        case EVICTION -> {
          progress.accept(
              String.format(
                  Locale.ROOT,
                  "reading %,d keys through a namespace of %,d …",
                  settings.evictionKeys(),
                  settings.evictionSize()));
          eviction = new Eviction(servers.postgres(), settings, problems).run();
        }
      }
      afterEachPart.accept(result());
    }
    return result();
  }

  private void refresh() throws Exception {
    Refreshes bench = new Refreshes(servers.postgres(), settings);
    for (Order order : Order.values()) {
      progress.accept(
          String.format(
              Locale.ROOT,
              "refreshing %,d values in %s order …",
              settings.refreshKeys(),
              order.id()));
      RefreshResult result = bench.run(order);
      if (result.refused() > 0) {
        problems.add(String.format(Locale.ROOT, "%,d refreshes found no value", result.refused()));
      }
      refreshes.add(result);
    }
  }

  private ExpiryResult result() {
    return new ExpiryResult(
        List.copyOf(refreshes),
        Optional.ofNullable(massExpiry),
        Optional.ofNullable(eviction),
        problems.stream().distinct().toList());
  }
}
