package io.howdah.kv;

import io.howdah.engine.Engine;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the database which keys are read, in namespaces that evict: a sixteenth of the reads that
 * find something is noted here, each key once, and sent every second. So eviction knows what is in
 * use, and no read waits for a write.
 */
public final class KvMarks {
  private static final Logger LOG = LoggerFactory.getLogger(KvMarks.class);

  /** One of so many hits is noted; a power of two. */
  static final int SHARE = 16;

  private static final long SEND_NANOS = Duration.ofSeconds(1).toNanos();

  /** Of one namespace, in one second; more are not noted. */
  private static final int MOST_KEYS = 2_000;

  private record Keys(String namespace, List<String> keys) {}

  private static final Operation<Keys, Boolean> MARK =
      new Operation<>() {
        @Override
        public String name() {
          return "kv_mark";
        }

        @Override
        public boolean isWrite() {
          return true;
        }

        @Override
        public String sql() {
          return "${schema}.kv_mark(?, ?)";
        }

        @Override
        public void bind(Keys args, SqlArguments to) throws SQLException {
          to.text(args.namespace()).texts(args.keys().toArray(new String[0]));
        }

        @Override
        public Boolean read(Keys args, SqlRows rows) {
          return true;
        }
      };

  private final NamespaceLevels levels;
  private final Map<String, Set<String>> noted = new ConcurrentHashMap<>();
  private final AtomicLong sendAt = new AtomicLong(System.nanoTime() + SEND_NANOS);
  private volatile @Nullable Engine engine;

  public KvMarks(NamespaceLevels levels) {
    this.levels = levels;
  }

  /** Where it sends; until then it notes only. */
  public void attach(Engine engine) {
    this.engine = engine;
  }

  /** A read has found a value. */
  void hit(String namespace, String key) {
    if ((ThreadLocalRandom.current().nextInt() & (SHARE - 1)) != 0 || !levels.evicts(namespace)) {
      return;
    }
    Set<String> keys = noted.computeIfAbsent(namespace, name -> ConcurrentHashMap.newKeySet());
    if (keys.size() < MOST_KEYS) {
      keys.add(key);
    }
    long due = sendAt.get();
    long now = System.nanoTime();
    if (now - due >= 0 && sendAt.compareAndSet(due, now + SEND_NANOS)) {
      send();
    }
  }

  private void send() {
    Engine to = engine;
    if (to == null) {
      return;
    }
    for (String namespace : List.copyOf(noted.keySet())) {
      Set<String> keys = noted.remove(namespace);
      if (keys == null || keys.isEmpty()) {
        continue;
      }
      to.callAsync(MARK, new Keys(namespace, List.copyOf(keys)))
          .whenComplete((done, failure) -> {
            if (failure != null) {
              LOG.debug("keys that were read could not be marked", failure);
            }
          });
    }
  }
}
