package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.cache.ComputedCache;
import io.howdah.config.ConfigKey;
import io.howdah.flag.FlagDefinition;
import io.howdah.flag.FlagSubject;
import io.howdah.job.JobBackoff;
import io.howdah.job.JobHandler;
import io.howdah.job.JobQueue;
import io.howdah.job.JobState;
import io.howdah.job.Worker;
import io.howdah.job.WorkerSettings;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.NamespaceSettings;
import io.howdah.near.NearSettings;
import io.howdah.preference.PreferenceKey;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManagedTransactionsTest extends HowdahTest {
  /** As a framework binds a transaction to a thread. */
  private static final class Framework implements ManagedTransactions {
    private final ThreadLocal<@Nullable Connection> connection = new ThreadLocal<>();
    private final ThreadLocal<@Nullable Transaction> transaction = new ThreadLocal<>();

    void begin() throws SQLException {
      Connection begun = TestPostgres.dataSource().getConnection();
      begun.setAutoCommit(false);
      connection.set(begun);
    }

    void end(boolean commits) throws SQLException {
      Transaction joined = transaction.get();
      try (Connection ending = connection.get()) {
        connection.remove();
        transaction.remove();
        if (ending == null) {
          return;
        }
        if (commits) {
          ending.commit();
        } else {
          ending.rollback();
        }
      }
      if (joined != null) {
        joined.ended(commits);
      }
    }

    @Override
    public @Nullable Transaction current(Function<Connection, Transaction> join) {
      Connection open = connection.get();
      if (open == null) {
        return null;
      }
      Transaction joined = transaction.get();
      if (joined == null) {
        joined = join.apply(open);
        transaction.set(joined);
      }
      return joined;
    }

    @Override
    public <R> R run(Function<Connection, Transaction> join, Function<Transaction, R> work) {
      Transaction open = current(join);
      if (open != null) {
        return work.apply(open);
      }
      boolean commits = false;
      try {
        begin();
        Transaction begun = current(join);
        assert begun != null;
        R result = work.apply(begun);
        commits = true;
        return result;
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      } finally {
        try {
          end(commits);
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  private final Framework framework = new Framework();

  @Test
  void jobOfATransactionThatIsRolledBackIsNotCompleted() {
    JobQueue<Integer> jobs = howdah.jobs("outer", Integer.class);
    Queue<Boolean> completed = new ConcurrentLinkedQueue<>();
    JobHandler<Integer> handler =
        job -> {
          framework.begin();
          completed.add(
              job.transaction(tx -> tx.kv("outer", Integer.class).set("n", job.attempt())));
          if (job.attempt() == 1) {
            framework.end(false);
            throw new IllegalStateException("after the job was completed");
          }
          framework.end(true);
        };
    long id = jobs.enqueue(1);
    WorkerSettings settings =
        WorkerSettings.defaults()
            .pollInterval(Duration.ofMillis(20))
            .lease(Duration.ofHours(1))
            .backoff(new JobBackoff(Duration.ofMillis(1), Duration.ofMillis(1)));
    try (Worker worker = jobs.worker(handler, settings)) {
      Eventually.holds(
          "it is completed",
          () -> howdah.jobs().get(id).orElseThrow().state() == JobState.COMPLETED);
      assertThat(worker).isNotNull();
    }
    assertThat(completed).containsExactly(true, true);
    assertThat(howdah.kv("outer", Integer.class).get("n")).hasValue(2);
  }

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    // what is seen at once after a commit is then not seen by asking
    return builder
        .transactions(framework)
        .listen(false)
        .pollInterval(Duration.ofMinutes(1))
        .flagPollInterval(Duration.ofHours(1));
  }

  @AfterEach
  void endWhatATestHasLeftOpen() throws SQLException {
    framework.end(false);
  }

  @Test
  void callsAreUndoneWithTheTransactionOfTheirThread() throws SQLException {
    KeyValueStore<String> store = howdah.kv("undone", String.class);
    ComputedCache<String> cache = howdah.cache("undone", String.class);
    PreferenceKey<String> theme = PreferenceKey.of("undone", String.class, "light");
    store.set("k", "before");
    cache.put("k", "before");

    framework.begin();
    store.set("k", "inside");
    cache.put("k", "inside");
    howdah.preferences().set("ann", theme, "dark");
    howdah.jobs("undone").enqueue("inside");
    howdah.namespaces().create("undone-registered", NamespaceSettings.of(Durability.DURABLE));
    String token = howdah.sessions().create("ann").token();
    assertThat(store.get("k")).hasValue("inside");
    assertThat(cache.getIfPresent("k")).hasValue("inside");
    assertThat(howdah.preferences().get("ann", theme)).isEqualTo("dark");
    assertThat(howdah.sessions().get(token)).isPresent();
    framework.end(false);

    assertThat(store.get("k")).hasValue("before");
    assertThat(cache.getIfPresent("k")).hasValue("before");
    assertThat(howdah.preferences().get("ann", theme)).isEqualTo("light");
    assertThat(howdah.jobs().counts("undone")).isEmpty();
    assertThat(howdah.namespaces().list())
        .noneMatch(namespace -> namespace.name().equals("undone-registered"));
    assertThat(howdah.sessions().get(token)).isEmpty();
  }

  @Test
  void othersSeeThemWhenItCommits() throws SQLException {
    KeyValueStore<String> store = howdah.kv("committed", String.class);
    framework.begin();
    store.set("k", "v");
    howdah.jobs("committed").enqueue("payload");
    assertThat(CompletableFuture.supplyAsync(() -> store.get("k")).join()).isEmpty();
    assertThat(howdah.outside().jobs().counts("committed")).isEmpty();
    framework.end(true);
    assertThat(CompletableFuture.supplyAsync(() -> store.get("k")).join()).hasValue("v");
    assertThat(howdah.jobs().counts("committed")).hasSize(1);
  }

  @Test
  void whatIsOutsideStaysWhenItRollsBack() throws SQLException {
    RateLimiter limiter = howdah.rateLimiter("outside", RateLimit.perMinute(2));
    framework.begin();
    howdah.outside().kv("outside", String.class).set("k", "v");
    assertThat(limiter.acquire("ann").remaining()).isEqualTo(1);
    assertThat(howdah.locks().tryAcquire("outside", Duration.ofMinutes(1))).isPresent();
    framework.end(false);
    assertThat(howdah.kv("outside", String.class).get("k")).hasValue("v");
    assertThat(limiter.acquire("ann").remaining()).isZero();
    assertThat(howdah.locks().tryAcquire("outside", Duration.ofMinutes(1))).isEmpty();
  }

  @Test
  void thereIsNoCallingWithoutWaitingInIt() throws SQLException {
    KeyValueStore<String> store = howdah.kv("async", String.class);
    framework.begin();
    assertThatThrownBy(store::async).isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> howdah.channels().async())
        .isInstanceOf(InvalidArgumentException.class);
    framework.end(true);
    store.async().set("k", "v").toCompletableFuture().join();
    assertThat(store.get("k")).hasValue("v");
  }

  @Test
  void whatTheProcessKeepsFollowsTheCommit() throws SQLException {
    KeyValueStore<String> store = howdah.kv("kept", String.class).near(NearSettings.defaults());
    ConfigKey<Integer> most = ConfigKey.of("most", Integer.class, 1);
    store.set("k", "before");
    assertThat(store.get("k")).hasValue("before");
    assertThat(howdah.config("kept").get(most)).isEqualTo(1);
    assertThat(howdah.flags().isEnabled("kept", FlagSubject.user("ann"))).isFalse();

    framework.begin();
    store.set("k", "after");
    howdah.config("kept").set(most, 2, "ann", null);
    howdah.flags().set("kept", FlagDefinition.builder().enabled(true).build(), "ann", null);
    framework.end(true);

    assertThat(store.get("k")).hasValue("after");
    assertThat(howdah.config("kept").get(most)).isEqualTo(2);
    assertThat(howdah.flags().isEnabled("kept", FlagSubject.user("ann"))).isTrue();
  }

  @Test
  void transactionsAreRunByTheFramework() {
    KeyValueStore<String> store = howdah.kv("run", String.class);
    howdah.transaction(tx -> {
      store.set("joined", "v");
      howdah.transaction(inner -> inner.kv("run", String.class).set("inner", "v"));
      assertThat(howdah.outside().kv("run", String.class).get("joined")).isEmpty();
    });
    assertThat(store.getAll(List.of("joined", "inner"))).hasSize(2);
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              store.delete("joined");
              throw new IllegalStateException("stops");
            }))
        .hasMessage("stops");
    assertThat(store.get("joined")).hasValue("v");
  }
}
