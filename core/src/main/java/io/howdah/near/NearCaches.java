package io.howdah.near;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.Engine;
import io.howdah.engine.Listener;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import io.howdah.engine.WipeWatch;
import io.howdah.stats.NearStats;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The near caches of one workload in one Howdah, by name: brings them what is notified, and what
 * this process itself does.
 *
 * @param <S> what is kept of a value
 */
public final class NearCaches<S> {
  private static final Logger LOG = LoggerFactory.getLogger(NearCaches.class);

  /**
   * What the registry says of a name.
   *
   * @param isNotified whether changes of it are notified
   * @param oldest the oldest transaction that had not ended
   * @param next the next transaction; those before it may have changed something without a
   *     notification, because they began before the registry said so. 0 where there are none such
   */
  public record Registered(boolean isNotified, long oldest, long next) {}

  private record Registry(String name, String sql) implements Operation<String, Registered> {
    @Override
    public boolean isWrite() {
      return false;
    }

    @Override
    public boolean isQuery() {
      return true;
    }

    @Override
    public void bind(String args, SqlArguments to) throws SQLException {
      to.text(args);
    }

    @Override
    public Registered read(String args, SqlRows rows) throws SQLException {
      return rows.next()
          ? new Registered(rows.bool(1), rows.int8(2), rows.int8(3))
          : new Registered(false, 0, 0);
    }
  }

  private final class Ear implements Listener.Subscriber {
    @Override
    public void onNotification(String payload) {
      try {
        heard(payload);
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        LOG.debug("no notification of Howdah's: {}", payload, e);
      }
    }

    @Override
    public void onResync() {
      caches.values().forEach(NearCaches.this::startOver);
    }

    // Their age bounds what they give.
    @Override
    public void onPoll() {}
  }

  private final Map<String, NearCache<S>> caches = new ConcurrentHashMap<>();

  /** Whether there are any: most processes have none, and pay for no more than this. */
  private volatile boolean any;

  private final String kind;
  private final Operation<String, Registered> registry;
  private final Listener listener;
  private final WipeWatch wipes;
  private final Engine engine;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Listener.@Nullable Feed feed;

  /**
   * A registry whose every writer has been waited for, by a statement with the columns of {@link
   * Registered}.
   */
  public static Operation<String, Registered> registry(String operation, String sql) {
    return new Registry(operation, sql);
  }

  /** A table that has the names of what notifies; those who write do not wait for it to change. */
  public static Operation<String, Registered> registryIn(String table) {
    return new Registry(
        table,
        "SELECT EXISTS (SELECT FROM ${schema}."
            + table
            + " AS n WHERE n.name = ?),"
            + " pg_snapshot_xmin(s.snapshot)::text::bigint, pg_snapshot_xmax(s.snapshot)::text::bigint"
            + " FROM (SELECT pg_current_snapshot() AS snapshot) AS s");
  }

  /**
   * None yet: it subscribes when the first one is opened.
   *
   * @param kind of the notifications
   * @param registry asks whether the changes of a name are notified
   */
  public NearCaches(
      String kind,
      Operation<String, Registered> registry,
      Engine engine,
      Listener listener,
      WipeWatch wipes) {
    this.kind = kind;
    this.registry = registry;
    this.engine = engine;
    this.listener = listener;
    this.wipes = wipes;
  }

  /**
   * The cache of a name, made if there is none.
   *
   * @throws InvalidArgumentException when there is one with other settings
   */
  @CanIgnoreReturnValue
  NearCache<S> open(String name, NearSettings settings) {
    lock.lock();
    try {
      NearCache<S> there = caches.get(name);
      if (there != null) {
        if (!there.settings.equals(settings)) {
          throw new InvalidArgumentException(
              "settings",
              "settings: the near cache of '"
                  + name
                  + "' has "
                  + there.settings
                  + ", got "
                  + settings);
        }
        return there;
      }
      NearCache<S> cache = new NearCache<>(kind, name, settings, this::isLive);
      caches.put(name, cache);
      any = true;
      if (feed == null) {
        var unused = wipes.listenAtOnce(wipe -> clear());
        feed = listener.subscribe(kind, new Ear());
      }
      startOver(cache);
      return cache;
    } finally {
      lock.unlock();
    }
  }

  private boolean isLive(long now) {
    Listener.Feed own = feed;
    return own != null && own.isLive(now);
  }

  @Nullable NearCache<S> of(String name) {
    return any ? caches.get(name) : null;
  }

  /** How each of them has done. */
  public List<NearStats> stats() {
    return caches.values().stream().map(NearCache::stats).toList();
  }

  /** Whatever is kept of it may be wrong, and so may be whether its changes are notified. */
  private void startOver(NearCache<S> cache) {
    long token = cache.forget();
    cache.clear();
    askWhetherNotified(cache, token, -1);
  }

  /**
   * Again until there is an answer, and until those have ended who did not know yet that they have
   * to notify: nothing else would ask.
   *
   * @param since the first transaction that knows; negative when that is not known
   */
  private void askWhetherNotified(NearCache<S> cache, long token, long since) {
    var unused =
        engine
            .callAsync(registry, cache.name)
            .whenComplete((answer, failure) -> {
              if (failure != null) {
                LOG.debug("whether {} {} notifies is not known", kind, cache.name, failure);
                askSoon(cache, token, since);
              } else if (answer.isNotified()) {
                long first = since < 0 ? answer.next() : since;
                if (answer.oldest() >= first) {
                  cache.learn(token);
                } else {
                  askSoon(cache, token, first);
                }
              }
            });
  }

  private void askSoon(NearCache<S> cache, long token, long since) {
    if (any && cache.isLatest(token)) {
      CompletableFuture.delayedExecutor(since < 0 ? 1_000 : 100, TimeUnit.MILLISECONDS)
          .execute(() -> {
            if (!engine.isClosed()) {
              askWhetherNotified(cache, token, since);
            }
          });
    }
  }

  /**
   * The payloads: "k HASHES NAME", changes of what has these scopes, as base64 of 8 bytes each; "n
   * NAME", anything may have changed; "s NAME", and so may have what the registry says.
   */
  private void heard(String payload) {
    if (payload.startsWith("k ")) {
      int end = payload.indexOf(' ', 2);
      NearCache<S> cache = caches.get(payload.substring(end + 1));
      if (cache != null) {
        ByteBuffer hashes = ByteBuffer.wrap(Base64.getDecoder().decode(payload.substring(2, end)));
        while (hashes.remaining() >= Long.BYTES) {
          cache.changed(hashes.getLong());
        }
      }
    } else {
      NearCache<S> cache = caches.get(payload.substring(2));
      if (cache != null && payload.startsWith("s ")) {
        startOver(cache);
      } else if (cache != null) {
        cache.clear();
      }
    }
  }

  /** Anything may have changed. */
  public void clear() {
    caches.values().forEach(NearCache::clear);
  }

  /** Keeps nothing any more, and gives nothing. */
  public void close() {
    any = false;
    Listener.Feed now = feed;
    if (now != null) {
      now.close();
    }
    caches.clear();
  }
}
