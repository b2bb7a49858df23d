package io.howdah.spring.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.howdah.session.CreatedSession;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The ids of sessions that this process has seen lately: events know their handles only. */
final class KnownIds {
  private static final int MOST = 100_000;
  private static final int MOST_WAIT_SECONDS = 10;

  private final Cache<UUID, String> ids;

  /** Sessions that are being created here, whose events may come before the answers. */
  private final Set<CountDownLatch> creating = ConcurrentHashMap.newKeySet();

  /**
   * @param needed whether there are events; otherwise it keeps none
   */
  KnownIds(boolean needed) {
    this.ids = Caffeine.newBuilder().maximumSize(needed ? MOST : 0).build();
  }

  void put(UUID handle, String id) {
    ids.put(handle, id);
  }

  /** What is created here is known before anybody asks for it. */
  CreatedSession creating(Supplier<CreatedSession> creation) {
    CountDownLatch done = new CountDownLatch(1);
    creating.add(done);
    try {
      CreatedSession created = creation.get();
      ids.put(created.session().handle(), created.token());
      return created;
    } finally {
      creating.remove(done);
      done.countDown();
    }
  }

  /** The id, else the handle. Waits for what is being created here. */
  String of(UUID handle) {
    try {
      for (CountDownLatch one : creating) {
        if (ids.getIfPresent(handle) != null || !one.await(MOST_WAIT_SECONDS, TimeUnit.SECONDS)) {
          break;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String id = ids.getIfPresent(handle);
    return id == null ? handle.toString() : id;
  }
}
