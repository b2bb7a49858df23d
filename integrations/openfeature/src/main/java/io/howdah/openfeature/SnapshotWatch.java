package io.howdah.openfeature;

import dev.openfeature.sdk.EventProvider;
import dev.openfeature.sdk.ProviderEventDetails;
import io.howdah.flag.FlagStatus;
import io.howdah.flag.Flags;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Says when this process's snapshot of the flags cannot be brought up to date any more, and when it
 * can again. It looks at it four times a second, which asks nobody.
 */
final class SnapshotWatch {
  private static final long PAUSE_MILLIS = 250;

  private final Flags flags;
  private final EventProvider provider;
  private final ScheduledExecutorService looking =
      Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "howdah-openfeature");
        thread.setDaemon(true);
        return thread;
      });
  private boolean ready;

  SnapshotWatch(Flags flags, EventProvider provider) {
    this.flags = flags;
    this.provider = provider;
  }

  /**
   * Begins.
   *
   * @param isReady what has been said so far
   */
  void start(boolean isReady) {
    var unused =
        looking.scheduleWithFixedDelay(
            this::look, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    looking.execute(() -> ready = isReady);
  }

  private void look() {
    FlagStatus status = flags.status();
    boolean isReady = status.isLoaded() && status.trouble().isEmpty();
    if (isReady == ready) {
      return;
    }
    ready = isReady;
    if (isReady) {
      var unused =
          provider.emitProviderReady(
              ProviderEventDetails.builder().message("the flags are up to date").build());
    } else {
      var unused =
          provider.emitProviderStale(
              ProviderEventDetails.builder()
                  .message("the flags are as they were: " + status.trouble().orElse("not read"))
                  .build());
    }
  }

  void close() {
    looking.shutdownNow();
  }
}
