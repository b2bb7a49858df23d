package io.howdah.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages for whoever listens. */
@Timeout(120)
class ChannelsTest extends HowdahTest {
  /** One that blocks keeps no other from hearing: the common pool may have one thread. */
  private final ExecutorService executor = Executors.newCachedThreadPool();

  private final List<AutoCloseable> opened = new ArrayList<>();

  /** Writes down what it is told. */
  private static final class Notes implements MessageHandler {
    final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public void onMessage(Message message) {
      told.add(message.payload());
    }

    @Override
    public void onGap() {
      told.add("(gap)");
    }

    @Override
    public void onDropped(long count) {
      told.add("(dropped " + count + ")");
    }

    @Override
    public void onEnd(HowdahException reason) {
      told.add("(end " + reason.code() + ")");
    }

    void await(String last) {
      Eventually.holds(last + " comes", () -> told.contains(last));
    }
  }

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.pollInterval(Duration.ofMillis(200)).executor(executor);
  }

  @AfterAll
  void stopExecutor() {
    executor.shutdown();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
    opened.clear();
  }

  @com.google.errorprone.annotations.CanIgnoreReturnValue
  private <T extends AutoCloseable> T closing(T one) {
    opened.add(one);
    return one;
  }

  private Channels channels() {
    return howdah.channels();
  }

  private Notes listen(String channel) {
    Notes notes = new Notes();
    assertThat(closing(channels().subscribe(channel, notes)).isLive()).isTrue();
    return notes;
  }

  private List<String> listeners() {
    return sql(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE ? AND pid <> pg_backend_pid()",
        "%/* howdah listener " + schema + " */");
  }

  @Test
  void messagesOfOneThreadComeInTheirOrder() {
    Notes notes = listen("orders");
    Notes other = listen("orders");
    for (int i = 0; i < 500; i++) {
      channels().publish("orders", "m" + i);
    }
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 500; i < 1000; i++) {
      all.add(channels().async().publish("orders", "m" + i).toCompletableFuture());
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    notes.await("m999");
    other.await("m999");
    List<String> expected = IntStream.range(0, 1000).mapToObj(i -> "m" + i).toList();
    assertThat(notes.told).isEqualTo(expected);
    assertThat(other.told).isEqualTo(expected);
    assertThat(listeners()).as("one connection for all").hasSize(1);
  }

  @Test
  void ofManyPublishersNothingIsLostOrDoubled() {
    Notes notes = listen("many");
    List<Integer> done =
        Threads.run(
            16,
            thread -> {
              for (int i = 0; i < 50; i++) {
                channels().publish("many", thread + ":" + i);
              }
              return thread;
            });
    assertThat(done).hasSize(16);
    Eventually.holds("all come", () -> notes.told.size() >= 800);
    assertThat(notes.told).doesNotHaveDuplicates().hasSize(800);
    for (int thread = 0; thread < 16; thread++) {
      String prefix = thread + ":";
      assertThat(notes.told.stream().filter(one -> one.startsWith(prefix)))
          .isEqualTo(IntStream.range(0, 50).mapToObj(i -> prefix + i).toList());
    }
  }

  @Test
  void onlyWhatIsCommittedIsDelivered() {
    Notes notes = listen("commits");
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              tx.channels().publish("commits", "rolled back");
              throw new IllegalStateException("no");
            }))
        .hasMessage("no");
    howdah.transaction(tx -> {
      tx.channels().publish("commits", "same");
      tx.channels().publish("commits", "same");
      assertThat(notes.told).isEmpty();
    });
    channels().publish("commits", "end");
    notes.await("end");
    assertThat(notes.told).as("equal ones are two").containsExactly("same", "same", "end");
  }

  @Test
  void payloadsOfAnySizeAndContentComeInOrder() {
    Notes notes = listen("sizes");
    List<String> sent = new ArrayList<>();
    for (int size : new int[] {0, 1, 7000, 7899, 7990, 8000, 100_000, 1, 1 << 20, 3}) {
      sent.add("x".repeat(size));
      channels().publish("sizes", "x".repeat(size));
    }
    String odd = "\" \\ \n \u0001 é 👍 {\"a\":[1]} ' $1 ?";
    sent.add(odd);
    channels().publish("sizes", odd);
    String manyEscapes = "\u0001".repeat(3000);
    sent.add(manyEscapes);
    channels().publish("sizes", manyEscapes);
    channels().publish("sizes", "end");
    notes.await("end");
    sent.add("end");
    assertThat(notes.told).isEqualTo(sent);
    assertThat(sql("SELECT count(*) FROM $.channel_large")).containsExactly("6");
  }

  @Test
  void largePayloadIsSweptSoonAndThenAGap() throws Exception {
    channels().publish("swept", "x".repeat(20_000));
    assertThat(sql("UPDATE $.channel_large SET expires_at = statement_timestamp()")).isEmpty();
    while (!howdah.sweep().isDone()) {
      Thread.onSpinWait();
    }
    assertThat(sql("SELECT count(*) FROM $.channel_large")).containsExactly("0");
    Notes notes = listen("swept");
    String notification =
        "{\"n\":1,\"m\":[[\"swept\",null,\"00000000-0000-0000-0000-000000000000\"],[\"swept\",\"next\"]]}";
    assertThat(sql("SELECT pg_notify(?, ?)::text", schema + ".channel", notification)).hasSize(1);
    notes.await("next");
    assertThat(notes.told).containsExactly("(gap)", "next");
  }

  @Test
  void forgedNotificationsDoNoHarm() {
    Notes notes = listen("forged");
    for (String forged :
        List.of(
            "",
            "x",
            "{}",
            "[]",
            "{\"m\":{}}",
            "{\"m\":[1]}",
            "{\"m\":[[\"forged\"]]}",
            "{\"m\":[[\"forged\",null,\"x'\"]]}",
            "{\"m\":[[\"forged\",null,\"9\",1e99,2]]}")) {
      assertThat(sql("SELECT pg_notify(?, ?)::text", schema + ".channel", forged)).hasSize(1);
    }
    channels().publish("forged", "end");
    notes.await("end");
    assertThat(notes.told).containsExactly("end");
  }

  @Test
  void patternsMatchNames() {
    Notes notes = new Notes();
    ChannelSubscription subscription = closing(channels().subscribePattern("news.*.?", notes));
    for (String channel :
        List.of("news.de.1", "news.de.12", "news..x", "anews.de.1", "news.a.b.c")) {
      channels().publish(channel, channel);
    }
    notes.await("news.a.b.c");
    assertThat(notes.told).containsExactly("news.de.1", "news..x", "news.a.b.c");
    subscription.close();
    Notes all = new Notes();
    closing(channels().subscribePattern("*", all));
    channels().publish("news.de.1", "end");
    all.await("end");
    assertThat(notes.told).hasSize(3);
  }

  @Test
  void globsAreNotExpressions() {
    assertThat(new Glob("a*b*c").test("aXbYc")).isTrue();
    assertThat(new Glob("a*b*c").test("aXcYb")).isFalse();
    assertThat(new Glob("a.b").test("axb")).isFalse();
    assertThat(new Glob("**").test("")).isTrue();
    assertThat(new Glob("?").test("👍")).isTrue();
    assertThat(new Glob("*a".repeat(100)).test("a".repeat(250) + "b")).isFalse();
  }

  private Notes blocked(OverflowPolicy policy, int messages) throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Notes notes = new Notes();
    MessageHandler slow =
        new MessageHandler() {
          @Override
          public void onMessage(Message message) {
            entered.countDown();
            try {
              assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            notes.onMessage(message);
          }

          @Override
          public void onDropped(long count) {
            notes.onDropped(count);
          }

          @Override
          public void onEnd(HowdahException reason) {
            notes.onEnd(reason);
          }
        };
    String channel = "slow" + policy;
    ChannelSubscription subscription =
        closing(channels().subscribe(channel, slow, new SubscriptionSettings(3, policy)));
    Notes quick = listen(channel);
    channels().publish(channel, "0");
    assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
    for (int i = 1; i < messages; i++) {
      channels().publish(channel, Integer.toString(i));
    }
    quick.await(Integer.toString(messages - 1));
    assertThat(quick.told).as("nobody waits for the slow one").hasSize(messages);
    go.countDown();
    if (policy != OverflowPolicy.END) {
      assertThat(subscription.dropped()).isEqualTo(messages - 4);
      // While it is full, the last one would be too many as well.
      Eventually.holds("it has heard what was kept", () -> notes.told.size() == 5);
      channels().publish(channel, "last");
      notes.await("last");
    } else {
      notes.await("(end SLOW_SUBSCRIBER)");
      assertThat(subscription.isLive()).isFalse();
    }
    return notes;
  }

  /** A second of 10,000 messages a second. */
  @Test
  void shortStallLosesNothingByDefault() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger heard = new AtomicInteger();
    AtomicInteger quick = new AtomicInteger();
    ChannelSubscription stalled =
        closing(
            channels()
                .subscribe(
                    "stall",
                    message -> {
                      entered.countDown();
                      try {
                        assertThat(go.await(60, TimeUnit.SECONDS)).isTrue();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      heard.incrementAndGet();
                    }));
    closing(channels().subscribe("stall", message -> quick.incrementAndGet()));
    channels().publish("stall", "first");
    assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
    for (int i = 0; i < 10; i++) {
      assertThat(
              sql(
                  "SELECT $._channel_publish(array_fill('stall'::text, '{1000}'), array_agg(i::text))::text FROM generate_series(1, 1000) AS i"))
          .hasSize(1);
    }
    Eventually.holds("the other one has heard all", () -> quick.get() == 10_001);
    assertThat(heard.get()).isZero();
    go.countDown();
    Eventually.holds("nothing is lost", () -> heard.get() == 10_001);
    assertThat(stalled.dropped()).isZero();
  }

  @Test
  void slowSubscriberLosesTheOldest() throws Exception {
    assertThat(blocked(OverflowPolicy.DROP_OLDEST, 10).told)
        .containsExactly("0", "(dropped 6)", "7", "8", "9", "last");
  }

  @Test
  void slowSubscriberLosesTheNewest() throws Exception {
    assertThat(blocked(OverflowPolicy.DROP_NEWEST, 10).told)
        .containsExactly("0", "(dropped 6)", "1", "2", "3", "last");
  }

  @Test
  void slowSubscriberIsEnded() throws Exception {
    assertThat(blocked(OverflowPolicy.END, 10).told).containsExactly("0", "(end SLOW_SUBSCRIBER)");
  }

  @Test
  void failingSubscriberHearsTheNextMessage() {
    Notes notes = new Notes();
    closing(
        channels()
            .subscribe(
                "failing",
                message -> {
                  notes.onMessage(message);
                  throw new AssertionError("on purpose");
                }));
    channels().publish("failing", "a");
    channels().publish("failing", "b");
    notes.await("b");
    assertThat(notes.told).containsExactly("a", "b");
  }

  @Test
  void lostConnectionIsAGap() {
    Notes notes = listen("killed");
    channels().publish("killed", "before");
    notes.await("before");
    assertThat(sql("SELECT pg_terminate_backend(?)", Integer.valueOf(listeners().get(0))))
        .containsExactly("t");
    notes.await("(gap)");
    channels().publish("killed", "after");
    notes.await("after");
    assertThat(notes.told).containsExactly("before", "(gap)", "after");
  }

  @Test
  void retainedMessagesReachPlainSubscribersToo() {
    assertThat(channels().retain("both", Duration.ofHours(1))).isTrue();
    Notes notes = listen("both");
    howdah.transaction(tx -> {
      tx.channels().publish("both", "a");
      tx.channels().publish("both", "b");
    });
    List<String> batch =
        sql("SELECT $._channel_publish('{both,both,free,both}', '{c,d,x,e}')::text");
    assertThat(batch).hasSize(1);
    notes.await("e");
    assertThat(notes.told).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void closedSubscriptionHearsNothing() {
    Notes notes = new Notes();
    ChannelSubscription subscription = channels().subscribe("closed", notes);
    Notes other = listen("closed");
    subscription.close();
    subscription.close();
    channels().publish("closed", "x");
    other.await("x");
    assertThat(notes.told).isEmpty();
    assertThat(subscription.isLive()).isFalse();
  }

  @Test
  void withoutListeningOnlyRetainedChannelsCanBeHeard() {
    try (Howdah deaf =
        Howdah.builder(TestPostgres.url())
            .schema(schema)
            .sweeper(false)
            .listen(false)
            .pollInterval(Duration.ofMillis(100))
            .open()) {
      assertThatThrownBy(() -> deaf.channels().subscribe("x", new Notes()))
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_PUSH));
      boolean unused = deaf.channels().retain("polled", Duration.ofHours(1));
      List<String> read = new CopyOnWriteArrayList<>();
      try (ChannelSubscription subscription =
          deaf.channels().subscribeRetained("polled", null, m -> read.add(m.payload()))) {
        assertThat(subscription.isLive()).isFalse();
        channels().publish("polled", "a");
        Eventually.holds("it is found", () -> read.equals(List.of("a")));
      }
    }
  }

  @Test
  void closingEndsSubscriptionsAndTheirConnection() throws SQLException {
    Notes notes = new Notes();
    ChannelSubscription subscription;
    try (Howdah own = Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false).open()) {
      subscription = own.channels().subscribe("bye", notes);
      assertThat(subscription.isLive()).isTrue();
    }
    assertThat(subscription.isLive()).isFalse();
    channels().publish("bye", "x");
    try (Connection connection = connect()) {
      assertThat(sql(connection, "SELECT 1")).hasSize(1);
    }
    assertThat(notes.told).isEmpty();
  }

  @Test
  void manyMessagesOfAStatementShareANotification() throws SQLException {
    try (Connection connection = connect()) {
      assertThat(sql(connection, "LISTEN \"" + schema + ".channel\"")).isEmpty();
      assertThat(
              sql(
                  connection,
                  "SELECT $._channel_publish(array_fill('c'::text, '{1000}'), array_agg('message ' || i))::text"
                      + " FROM generate_series(1, 1000) AS i"))
          .hasSize(1);
      assertThat(connection.unwrap(org.postgresql.PGConnection.class).getNotifications(2000))
          .hasSizeBetween(2, 4)
          .allSatisfy(one -> assertThat(one.getParameter().length()).isLessThan(8000));
    }
  }

  @Test
  void subscriptionWithoutWaitingIsToldOfTheGapBeforeIt() {
    try (Howdah own = Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false).open()) {
      Notes one = new Notes();
      Notes two = new Notes();
      AsyncChannels async = own.channels().async();
      SubscriptionSettings settings = SubscriptionSettings.defaults();
      try (ChannelSubscription first = async.subscribe("soon", one, settings);
          ChannelSubscription second = async.subscribePattern("s*n", two, settings)) {
        one.await("(gap)");
        two.await("(gap)");
        channels().publish("soon", "x");
        one.await("x");
        two.await("x");
        Eventually.holds("both are live", () -> first.isLive() && second.isLive());
        assertThat(one.told).containsExactly("(gap)", "x");
      }
    }
  }

  @Test
  void subscriberIsToldOnItsOwnExecutor() {
    List<String> threads = new CopyOnWriteArrayList<>();
    ExecutorService own =
        Executors.newSingleThreadExecutor(work -> new Thread(work, "channel-test-own"));
    MessageHandler handler =
        new MessageHandler() {
          @Override
          public void onMessage(Message message) {
            threads.add(Thread.currentThread().getName());
          }

          @Override
          public ExecutorService executor() {
            return own;
          }
        };
    RetainedHandler retained =
        new RetainedHandler() {
          @Override
          public void onMessage(RetainedMessage message) {
            threads.add(Thread.currentThread().getName());
          }

          @Override
          public ExecutorService executor() {
            return own;
          }
        };
    assertThat(howdah.channels().retain("own-executor", Duration.ofHours(1))).isTrue();
    try (ChannelSubscription plain = howdah.channels().subscribe("own-executor", handler);
        ChannelSubscription kept =
            howdah.channels().subscribeRetained("own-executor", null, retained)) {
      howdah.channels().publish("own-executor", "x");
      Eventually.holds("both are told", () -> threads.size() == 2);
      assertThat(List.of(plain, kept)).doesNotContainNull();
    } finally {
      own.shutdown();
    }
    assertThat(threads).containsOnly("channel-test-own");
  }
}
