package io.howdah;

import io.howdah.cache.CacheCalls;
import io.howdah.engine.Caller;
import io.howdah.engine.CurrentCaller;
import io.howdah.engine.Engine;
import io.howdah.engine.JoinedCaller;
import io.howdah.kv.KvCalls;
import io.howdah.preference.PreferenceCalls;
import java.sql.Connection;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where the calls of the workloads go. */
record Calls(Caller caller, KvCalls kv, CacheCalls cache, PreferenceCalls preference) {
  /** Into the transaction of a connection. */
  Calls joined(Connection connection, Engine engine) {
    Caller joined = new JoinedCaller(connection, engine);
    return new Calls(joined, kv.joined(joined), cache.joined(joined), preference.joined(joined));
  }

  /** Into the transaction that the calling thread is in; where there is none, as these. */
  Calls joining(Engine engine, Supplier<@Nullable Transaction> current) {
    return new Calls(
        new CurrentCaller(engine, of(current, Calls::caller)),
        kv.joining(of(current, Calls::kv)),
        cache.joining(of(current, Calls::cache)),
        preference.joining(of(current, Calls::preference)));
  }

  private static <T> Supplier<@Nullable T> of(
      Supplier<@Nullable Transaction> current, Function<Calls, T> part) {
    return () -> {
      Transaction transaction = current.get();
      return transaction == null ? null : part.apply(transaction.calls());
    };
  }

  /** A joined transaction has ended, and may have been committed. */
  void ended() {
    kv.ended();
    cache.ended();
    preference.ended();
  }
}
