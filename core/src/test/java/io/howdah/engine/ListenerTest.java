package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.InvalidArgumentException;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TcpProxy;
import io.howdah.testing.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/** What the listener promises while its connection breaks, stalls, or is none. */
@Timeout(120)
class ListenerTest extends HowdahTest {
  private static final Duration POLL = Duration.ofMillis(200);

  private final List<Listener> opened = new ArrayList<>();
  private final AtomicInteger connected = new AtomicInteger();
  private Engine engine;

  /** Writes down what it is told. */
  private static final class Notes implements Listener.Subscriber {
    final List<String> payloads = new CopyOnWriteArrayList<>();
    final AtomicInteger resyncs = new AtomicInteger();
    final AtomicInteger polls = new AtomicInteger();

    @Override
    public void onNotification(String payload) {
      payloads.add(payload);
    }

    @Override
    public void onResync() {
      resyncs.incrementAndGet();
    }

    @Override
    public void onPoll() {
      polls.incrementAndGet();
    }
  }

  @BeforeEach
  void openEngine() {
    connected.set(0);
    opened.clear();
    Levels levels =
        new Levels() {
          @Override
          public Durability of(String namespace) {
            return Durability.EPHEMERAL;
          }

          @Override
          public void refresh() {}
        };
    engine =
        new Engine(
            new EngineSettings(
                schema, 2, 2, Duration.ofSeconds(5), Duration.ofMillis(50), 256, 1 << 20),
            TestPostgres.dataSource(),
            levels,
            EngineMetrics.NONE,
            ForkJoinPool.commonPool(),
            connection -> {},
            null);
  }

  @AfterEach
  void closeAll() {
    opened.forEach(Listener::close);
    engine.close();
    Eventually.holds("no connection is left", () -> backends().isEmpty());
    assertThat(
            Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("howdah-" + schema + "-listener")))
        .isEmpty();
  }

  private Listener listener(String url, boolean wanted) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(url);
    Listener listener =
        new Listener(schema, dataSource, wanted, POLL, engine, connected::incrementAndGet);
    opened.add(listener);
    return listener;
  }

  private Listener listener() {
    return listener(TestPostgres.url(), true);
  }

  private List<String> backends() {
    return sql(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE ? AND pid <> pg_backend_pid()",
        "%/* howdah listener " + schema + " */");
  }

  private void notify(String kind, String payload) {
    assertThat(sql("SELECT pg_notify(?, ?)::text", schema + "." + kind, payload)).hasSize(1);
  }

  private static void awaitLive(Listener.Feed feed) {
    Eventually.holds("it is live", feed::isLive);
  }

  @Test
  void isIdleUntilSomebodySubscribes() {
    Listener listener = listener();
    assertThat(listener.figures().state()).isEqualTo(Listener.State.IDLE);
    assertThat(listener.figures().connections()).isZero();
    assertThat(backends()).isEmpty();
  }

  @Test
  void subscribersHearTheirKindOverOneConnection() {
    Listener listener = listener();
    Notes kv = new Notes();
    Notes flag = new Notes();
    Notes also = new Notes();
    Listener.Feed first = listener.subscribe("kv", kv);
    awaitLive(first);
    awaitLive(listener.subscribe("flag", flag));
    awaitLive(listener.subscribe("kv", also));
    notify("kv", "a");
    notify("flag", "b");
    notify("kv", "c");
    Eventually.holds("all is heard", () -> also.payloads.size() == 2 && flag.payloads.size() == 1);
    assertThat(kv.payloads).containsExactly("a", "c");
    assertThat(flag.payloads).containsExactly("b");
    assertThat(also.payloads).containsExactly("a", "c");
    assertThat(kv.resyncs).hasValue(1);
    assertThat(backends()).hasSize(1);
    assertThat(connected).hasValue(1);
    assertThat(listener.figures().notifications()).isEqualTo(3);
    first.close();
    first.close();
    assertThat(first.isLive()).isFalse();
    notify("kv", "d");
    Eventually.holds("it is heard", () -> also.payloads.contains("d"));
    assertThat(kv.payloads).doesNotContain("d");
  }

  @Test
  void subscriberThatFailsKeepsNobodyFromHearing() {
    Listener listener = listener();
    Notes notes = new Notes();
    Listener.Feed failing =
        listener.subscribe(
            "kv",
            new Listener.Subscriber() {
              @Override
              public void onNotification(String payload) {
                if (payload.equals("error")) {
                  throw new AssertionError("a test");
                }
                throw new IllegalStateException("a test");
              }

              @Override
              public void onResync() {}
            });
    awaitLive(failing);
    awaitLive(listener.subscribe("kv", notes));
    for (String payload : List.of("a", "error", "b")) {
      notify("kv", payload);
      Eventually.holds("it is heard", () -> notes.payloads.contains(payload));
    }
    assertThat(failing.isLive()).isTrue();
  }

  @Test
  void killedBackendIsReplacedAndSubscribersLookForThemselves() {
    Listener listener = listener();
    Notes notes = new Notes();
    Listener.Feed feed = listener.subscribe("kv", notes);
    awaitLive(feed);
    for (int i = 1; i <= 5; i++) {
      int resyncs = notes.resyncs.get();
      assertThat(sql("SELECT pg_terminate_backend(?::int)", backends().get(0)))
          .containsExactly("t");
      Eventually.holds("it looks for itself", () -> notes.resyncs.get() > resyncs);
      awaitLive(feed);
      notify("kv", "after " + i);
      String last = "after " + i;
      Eventually.holds("it is heard", () -> notes.payloads.contains(last));
      assertThat(backends()).hasSize(1);
    }
    assertThat(listener.figures().state()).isEqualTo(Listener.State.PUSH);
    assertThat(listener.figures().trouble()).isEmpty();
    assertThat(connected).hasValue(6);
  }

  @Test
  void cutNetworkIsDegradedUntilItIsBack() throws Exception {
    Notes notes = new Notes();
    Listener listener;
    Listener.Feed feed;
    int port;
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port())) {
      port = proxy.port();
      listener = listener(TestPostgres.urlAt(port), true);
      feed = listener.subscribe("kv", notes);
      awaitLive(feed);
      proxy.cut();
      int resyncs = notes.resyncs.get();
      Eventually.holds("it looks for itself", () -> notes.resyncs.get() > resyncs);
      awaitLive(feed);
    }
    Eventually.holds("it says so", () -> listener.figures().state() == Listener.State.DEGRADED);
    assertThat(feed.isLive()).isFalse();
    assertThat(listener.figures().trouble()).isPresent();
    int polls = notes.polls.get();
    Eventually.holds("it polls", () -> notes.polls.get() > polls + 2);
  }

  @Test
  void silentNetworkIsNotTrusted() throws Exception {
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port())) {
      Notes notes = new Notes();
      Listener listener = listener(TestPostgres.urlAt(proxy.port()), true);
      Listener.Feed feed = listener.subscribe("kv", notes);
      awaitLive(feed);
      proxy.stall();
      // within four polls, and what a busy machine adds
      Eventually.holds("it is not trusted", Duration.ofSeconds(10), () -> !feed.isLive());
      notify("kv", "missed or late");
      Eventually.holds(
          "it is given up", () -> listener.figures().state() == Listener.State.DEGRADED);
      proxy.goOn();
      awaitLive(feed);
      assertThat(notes.resyncs.get()).isGreaterThan(1);
      notify("kv", "after");
      Eventually.holds("it is heard", () -> notes.payloads.contains("after"));
    }
  }

  @Test
  void shortStallLosesNothing() throws Exception {
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port())) {
      Notes notes = new Notes();
      Listener listener = listener(TestPostgres.urlAt(proxy.port()), true);
      Listener.Feed feed = listener.subscribe("kv", notes);
      awaitLive(feed);
      proxy.stall();
      notify("kv", "late");
      Eventually.holds("it is not trusted", () -> !feed.isLive());
      proxy.goOn();
      awaitLive(feed);
      assertThat(notes.payloads).as("before it is trusted again").contains("late");
      assertThat(notes.resyncs).hasValue(1);
    }
  }

  @Test
  void switchedOffItPolls() {
    Listener listener = listener(TestPostgres.url(), false);
    Notes notes = new Notes();
    Listener.Feed feed = listener.subscribe("kv", notes);
    Eventually.holds("it polls", () -> notes.polls.get() > 2);
    assertThat(feed.isLive()).isFalse();
    assertThat(listener.figures().state()).isEqualTo(Listener.State.POLLING);
    assertThat(listener.figures().trouble()).isEmpty();
    assertThat(listener.figures().connections()).isZero();
    assertThat(notes.resyncs).hasValue(0);
  }

  @Test
  void nobodyThereIsDegradedAndPolls() throws Exception {
    int port;
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port())) {
      port = proxy.port();
    }
    Listener listener = listener(TestPostgres.urlAt(port), true);
    Notes notes = new Notes();
    Listener.Feed feed = listener.subscribe("kv", notes);
    Eventually.holds("it polls", () -> notes.polls.get() > 2);
    assertThat(feed.isLive()).isFalse();
    assertThat(listener.figures().state()).isEqualTo(Listener.State.DEGRADED);
    assertThat(listener.figures().trouble()).isPresent();
  }

  @Test
  void badOptionsAreRefused() {
    Howdah.Builder builder = TestPostgres.builder();
    assertThatThrownBy(() -> builder.listenUrl("nonsense"))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("listenUrl: one like jdbc:postgresql://");
    assertThatThrownBy(() -> builder.pollInterval(Duration.ofMillis(99)))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("pollInterval: PT0.1S to PT1M expected, got PT0.099S");
  }
}
