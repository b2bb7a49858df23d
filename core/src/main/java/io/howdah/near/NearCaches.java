package io.howdah.kv;

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
 * The near caches of one Howdah, one for each namespace that has asked for it: brings them what is
 * notified, and what this process itself does to their namespaces.
 */
public final class NearCaches {
  private static final Logger LOG = LoggerFactory.getLogger(NearCaches.class);
  private static final String KIND = "kv";

  private static final Operation<String, Boolean> NOTIFIES =
      new Operation<>() {
        @Override
        public String name() {
          return "namespace_notifies";
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
          return "SELECT n.notifies FROM ${schema}.namespace AS n WHERE n.name = ?";
        }

        @Override
        public void bind(String args, SqlArguments to) throws SQLException {
          to.text(args);
        }

        @Override
        public Boolean read(String args, SqlRows rows) throws SQLException {
          return rows.next() && rows.bool(1);
        }
      };

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

  private final Map<String, NearCache> caches = new ConcurrentHashMap<>();

  /** Whether there are any: most processes have none, and pay for no more than this. */
  private volatile boolean any;

  private final Listener listener;
  private final WipeWatch wipes;
  private final Engine engine;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Listener.@Nullable Feed feed;

  /** None yet: it subscribes when the first one is opened. */
  public NearCaches(Engine engine, Listener listener, WipeWatch wipes) {
    this.engine = engine;
    this.listener = listener;
    this.wipes = wipes;
  }

  /** The cache of a namespace, made if there is none. */
  @CanIgnoreReturnValue
  NearCache open(String namespace, NearSettings settings) {
    lock.lock();
    try {
      NearCache there = caches.get(namespace);
      if (there != null) {
        if (!there.settings.equals(settings)) {
          throw new InvalidArgumentException(
              "settings",
              "settings: the near cache of namespace '"
                  + namespace
                  + "' has "
                  + there.settings
                  + ", got "
                  + settings);
        }
        return there;
      }
      NearCache cache = new NearCache(namespace, settings, this::isLive);
      caches.put(namespace, cache);
      any = true;
      if (feed == null) {
        var unused = wipes.listenAtOnce(wipe -> caches.values().forEach(NearCache::clear));
        feed = listener.subscribe(KIND, new Ear());
      }
      startOver(cache);
      return cache;
    } finally {
      lock.unlock();
    }
  }

  private boolean isLive() {
    Listener.Feed now = feed;
    return now != null && now.isLive();
  }

  @Nullable NearCache of(String namespace) {
    return any ? caches.get(namespace) : null;
  }

  /** How each of them has done. */
  public List<NearStats> stats() {
    return caches.values().stream().map(NearCache::stats).toList();
  }

  /** Whatever is kept of it may be wrong, and so may be what is known of the namespace. */
  private void startOver(NearCache cache) {
    long token = cache.forget();
    cache.clear();
    askWhetherItNotifies(cache, token);
  }

  /** Again until there is an answer: nothing else would ask. */
  private void askWhetherItNotifies(NearCache cache, long token) {
    var unused =
        engine
            .callAsync(NOTIFIES, cache.namespace)
            .whenComplete((notifies, failure) -> {
              if (failure == null) {
                if (notifies) {
                  cache.learn(token);
                }
              } else if (any && cache.isLatest(token)) {
                LOG.debug("whether {} notifies is not known", cache.namespace, failure);
                CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS)
                    .execute(() -> {
                      if (!engine.isClosed()) {
                        askWhetherItNotifies(cache, token);
                      }
                    });
              }
            });
  }

  /** The payloads are described in notify.sql. */
  private void heard(String payload) {
    if (payload.startsWith("k ")) {
      int end = payload.indexOf(' ', 2);
      NearCache cache = caches.get(payload.substring(end + 1));
      if (cache != null) {
        ByteBuffer hashes = ByteBuffer.wrap(Base64.getDecoder().decode(payload.substring(2, end)));
        while (hashes.remaining() >= Long.BYTES) {
          cache.changed(hashes.getLong());
        }
      }
    } else {
      NearCache cache = caches.get(payload.substring(2));
      if (cache != null && payload.startsWith("s ")) {
        startOver(cache);
      } else if (cache != null) {
        cache.clear();
      }
    }
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
