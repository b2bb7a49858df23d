package io.howdah.kv;

import io.howdah.Durability;
import io.howdah.engine.Engine;
import io.howdah.engine.Levels;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry of namespaces as this process last saw it; read again now and then, and when it
 * proves wrong.
 */
public final class NamespaceLevels implements Levels {
  private static final Logger LOG = LoggerFactory.getLogger(NamespaceLevels.class);
  private static final long KEEP_NANOS = Duration.ofSeconds(10).toNanos();

  private static final Operation<String, Map<String, Durability>> LEVELS =
      new Operation<>() {
        @Override
        public String name() {
          return "namespace_levels";
        }

        @Override
        public boolean isWrite() {
          return false;
        }

        @Override
        public boolean isQuery() {
          return true;
        }

        @Override
        public String sql() {
          return "SELECT n.name, n.durability FROM ${schema}.namespace AS n";
        }

        @Override
        public void bind(String args, SqlArguments to) {}

        @Override
        public Map<String, Durability> read(String args, SqlRows rows) throws SQLException {
          Map<String, Durability> levels = new HashMap<>();
          while (rows.next()) {
            levels.put(rows.text(1), Durability.ofSqlName(Objects.requireNonNull(rows.text(2))));
          }
          return levels;
        }
      };

  private volatile Map<String, Durability> levels = Map.of();
  private volatile long readAgainAt = System.nanoTime();
  private final AtomicBoolean reading = new AtomicBoolean();
  private volatile @Nullable Engine engine;

  /** Where it reads the registry; until then every namespace counts as ephemeral, which is safe. */
  public void attach(Engine engine) {
    this.engine = engine;
    readAgain();
  }

  @Override
  public Durability of(String namespace) {
    if (System.nanoTime() - readAgainAt >= 0) {
      readAgain();
    }
    return levels.getOrDefault(namespace, Durability.EPHEMERAL);
  }

  @Override
  public void refresh() {
    readAgainAt = System.nanoTime();
  }

  private void readAgain() {
    Engine from = engine;
    if (from == null || !reading.compareAndSet(false, true)) {
      return;
    }
    readAgainAt = System.nanoTime() + KEEP_NANOS;
    from.callAsync(LEVELS, "")
        .whenComplete((read, failure) -> {
          if (read != null) {
            levels = read;
          } else {
            LOG.debug("the registry of namespaces could not be read", failure);
          }
          reading.set(false);
        });
  }
}
