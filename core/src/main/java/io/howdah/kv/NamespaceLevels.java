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
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

  private record Registry(Map<String, Durability> levels, Set<String> evicting) {}

  private static final Operation<String, Registry> REGISTRY =
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
          return "SELECT n.name, n.durability,"
              + " n.on_full = 'evict' AND coalesce(n.max_entries, n.max_bytes) IS NOT NULL"
              + " FROM ${schema}.namespace AS n";
        }

        @Override
        public void bind(String args, SqlArguments to) {}

        @Override
        public Registry read(String args, SqlRows rows) throws SQLException {
          Registry registry = new Registry(new HashMap<>(), new HashSet<>());
          while (rows.next()) {
            String name = Objects.requireNonNull(rows.text(1));
            registry.levels.put(name, Durability.ofSqlName(Objects.requireNonNull(rows.text(2))));
            if (rows.bool(3)) {
              registry.evicting.add(name);
            }
          }
          return registry;
        }
      };

  private volatile Registry registry = new Registry(Map.of(), Set.of());
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
    return registry.levels.getOrDefault(namespace, Durability.EPHEMERAL);
  }

  /** Whether it has a bound at which values are evicted, so that it matters which are read. */
  public boolean evicts(String namespace) {
    return registry.evicting.contains(namespace);
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
    from.callAsync(REGISTRY, "")
        .whenComplete((read, failure) -> {
          if (read != null) {
            registry = read;
          } else {
            LOG.debug("the registry of namespaces could not be read", failure);
          }
          reading.set(false);
        });
  }
}
