package io.howdah.spring.actuate;

import io.howdah.engine.EngineMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * What the engine of this process does, statement by statement. What it does before there is a
 * registry is not counted.
 *
 * <p>The tag {@code operation} has the name of a SQL function, or of another statement of Howdah's,
 * of which there are about a hundred; {@code state} a SQLSTATE.
 */
final class EngineMeters implements EngineMetrics, MeterBinder {
  private final List<Meters> bound = new CopyOnWriteArrayList<>();

  @Override
  public void bindTo(MeterRegistry registry) {
    bound.add(new Meters(registry));
  }

  @Override
  public void statement(String operation, int calls, long queuedNanos, long ranNanos) {
    for (Meters meters : bound) {
      Meters.OfOperation own = meters.of(operation);
      own.statements.record(ranNanos, TimeUnit.NANOSECONDS);
      own.calls.increment(calls);
      meters.batch.record(calls);
      meters.wait.record(queuedNanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void failure(String operation, String sqlState) {
    String state = sqlState.isEmpty() ? "none" : sqlState;
    for (Meters meters : bound) {
      Counter.builder("howdah.failures")
          .description("Statements that failed")
          .tag("state", state)
          .register(meters.registry)
          .increment();
    }
  }

  @Override
  public void quarantined(String operation, int calls) {
    bound.forEach(meters -> meters.quarantined.increment(calls));
  }

  @Override
  public void connected(int lane) {
    bound.forEach(meters -> meters.connections.increment());
  }

  /** Those of one registry. */
  private static final class Meters {
    /** Those of one kind of statement. */
    record OfOperation(Timer statements, Counter calls) {}

    final MeterRegistry registry;
    final DistributionSummary batch;
    final Timer wait;
    final Counter quarantined;
    final Counter connections;
    private final ConcurrentHashMap<String, OfOperation> byOperation = new ConcurrentHashMap<>();

    Meters(MeterRegistry registry) {
      this.registry = registry;
      this.batch =
          DistributionSummary.builder("howdah.batch.size")
              .description("Calls that a statement served")
              .register(registry);
      this.wait =
          Timer.builder("howdah.queue.wait")
              .description("How long the first call of a statement had waited for a lane")
              .register(registry);
      this.quarantined =
          Counter.builder("howdah.quarantined")
              .description("Calls that were set aside because a transaction held their row")
              .register(registry);
      this.connections =
          Counter.builder("howdah.lanes.connections")
              .description("Connections that the lanes have opened")
              .register(registry);
    }

    OfOperation of(String operation) {
      OfOperation known = byOperation.get(operation);
      return known != null ? known : byOperation.computeIfAbsent(operation, this::register);
    }

    private OfOperation register(String operation) {
      return new OfOperation(
          Timer.builder("howdah.statements")
              .description("Statements, from sending one to having read its answer")
              .tag("operation", operation)
              .register(registry),
          Counter.builder("howdah.calls")
              .description("Calls that statements served")
              .tag("operation", operation)
              .register(registry));
    }
  }
}
