package io.howdah.engine;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Calls in the transaction that the calling thread is in; to the engine when it is in none. */
public final class CurrentCaller implements Caller {
  private final Engine engine;
  private final Supplier<@Nullable Caller> current;

  public CurrentCaller(Engine engine, Supplier<@Nullable Caller> current) {
    this.engine = engine;
    this.current = current;
  }

  @Override
  public <A, R extends @Nullable Object> R call(Operation<A, R> operation, A args) {
    Caller joined = current.get();
    return joined == null ? engine.call(operation, args) : joined.call(operation, args);
  }

  @Override
  public @Nullable Engine engine() {
    return current.get() == null ? engine : null;
  }
}
