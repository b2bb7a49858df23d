package io.howdah.sweep;

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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the database which keys are read, where it evicts: a sixteenth of the reads that find
 * something is noted here, each key once, and sent every second. So eviction knows what is in use,
 * and no read waits for a write.
 */
public final class Marks {
  private static final Logger LOG = LoggerFactory.getLogger(Marks.class);

  /** One of so many hits is noted; a power of two. */
  public static final int SHARE = 16;

  private static final long SEND_NANOS = Duration.ofSeconds(1).toNanos();

  /** Of one namespace or cache, in one second; more are not noted. */
  private static final int MOST_KEYS = 2_000;

  private record Keys(String name, List<String> keys) {}

  private final Operation<Keys, Boolean> mark;
  private final Predicate<String> evicts;
  private final Map<String, Set<String>> noted = new ConcurrentHashMap<>();
  private final AtomicLong sendAt = new AtomicLong(System.nanoTime() + SEND_NANOS);
  private volatile @Nullable Engine engine;

  /**
   * Notes for one kind of names.
   *
   * @param function of SQL that takes a name and keys
   * @param evicts whether it is of use to note the reads of a name
   */
  public Marks(String function, Predicate<String> evicts) {
    this.mark = new Mark(function);
    this.evicts = evicts;
  }

  /** Where it sends; until then it notes only. */
  public void attach(Engine engine) {
    this.engine = engine;
  }

  /** A read has found a value. */
  public void hit(String name, String key) {
    if ((ThreadLocalRandom.current().nextInt() & (SHARE - 1)) != 0 || !evicts.test(name)) {
      return;
    }
    Set<String> keys = noted.computeIfAbsent(name, unused -> ConcurrentHashMap.newKeySet());
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
    for (String name : List.copyOf(noted.keySet())) {
      Set<String> keys = noted.remove(name);
      if (keys == null || keys.isEmpty()) {
        continue;
      }
      to.callAsync(mark, new Keys(name, List.copyOf(keys)))
          .whenComplete((done, failure) -> {
            if (failure != null) {
              LOG.debug("keys that were read could not be marked", failure);
            }
          });
    }
  }

  private record Mark(String name) implements Operation<Keys, Boolean> {
    @Override
    public boolean isWrite() {
      return true;
    }

    @Override
    public String sql() {
      return "${schema}." + name + "(?, ?)";
    }

    @Override
    public void bind(Keys args, SqlArguments to) throws SQLException {
      to.text(args.name()).texts(args.keys().toArray(new String[0]));
    }

    @Override
    public Boolean read(Keys args, SqlRows rows) {
      return true;
    }
  }
}
