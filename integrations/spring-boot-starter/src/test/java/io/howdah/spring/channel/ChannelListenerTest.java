package io.howdah.spring.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.channel.Channels;
import io.howdah.channel.Message;
import io.howdah.spring.Applications;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.transaction.annotation.Transactional;

/** Methods that hear channels. Two applications on one schema are a cluster. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class ChannelListenerTest {
  record Price(String item, long cents) {}

  /** Proxied, since one method is transactional. */
  static class Listeners {
    private final List<Object> heard = new CopyOnWriteArrayList<>();
    private final CountDownLatch go = new CountDownLatch(1);

    List<Object> heard() {
      return heard;
    }

    CountDownLatch go() {
      return go;
    }

    @ChannelListener("${texts}")
    void text(String text) {
      heard.add(text);
    }

    @Transactional
    @ChannelListener("prices")
    public void price(Price price) {
      heard.add(price);
    }

    @ChannelListener("generic")
    public void generic(Map<String, List<Price>> prices, Message message) {
      heard.add(message.channel() + " " + prices.get("all").get(0).cents());
    }

    @ChannelListener(value = "order.*", pattern = true)
    public void order(Message message) {
      heard.add(message.channel() + "=" + message.payload());
    }

    @ChannelListener("bare")
    public void bare() {
      heard.add("bare");
    }

    @ChannelListener("blocking")
    public void blocking(String text) throws InterruptedException {
      heard.add("blocked " + text + " on " + Thread.currentThread().getName());
      go.await();
      heard.add("went on " + text);
    }

    @EventListener
    public void gap(ChannelGap gap) {
      heard.add(gap);
    }
  }

  @Configuration
  @EnableAutoConfiguration
  static class Application {
    @Bean
    Listeners listeners() {
      return new Listeners();
    }
  }

  private final String schema = TestPostgres.freshSchema(getClass());
  private ConfigurableApplicationContext one;
  private ConfigurableApplicationContext two;

  @BeforeAll
  void startCluster() {
    one = Applications.start(schema, Application.class, "texts=texts");
    two =
        Applications.start(
            schema, Application.class, "texts=texts", "spring.threads.virtual.enabled=true");
  }

  @AfterAll
  void stopCluster() {
    one.getBean(Listeners.class).go().countDown();
    two.getBean(Listeners.class).go().countDown();
    one.close();
    two.close();
  }

  private Channels channels() {
    return one.getBean(Howdah.class).channels();
  }

  private void awaitHeard(Object what) {
    for (ConfigurableApplicationContext context : List.of(one, two)) {
      List<Object> heard = context.getBean(Listeners.class).heard();
      Eventually.holds(what + " is heard: " + heard, () -> heard.contains(what));
    }
  }

  @Test
  void eachProcessHearsEachMessage() {
    channels().publish("texts", "hello {not json");
    channels().publish("prices", "{\"item\": \"apple\", \"cents\": 42}");
    channels().publish("generic", "{\"all\": [{\"item\": \"pear\", \"cents\": 7}]}");
    channels().publish("order.17", "shipped");
    channels().publish("bare", "whatever");
    awaitHeard("hello {not json");
    awaitHeard(new Price("apple", 42));
    awaitHeard("generic 7");
    awaitHeard("order.17=shipped");
    awaitHeard("bare");
  }

  @Test
  void messageThatCannotBeReadIsLoggedAndTheNextOneIsHeard() {
    channels().publish("prices", "no price");
    channels().publish("prices", "{\"item\": \"plum\", \"cents\": 1}");
    awaitHeard(new Price("plum", 1));
  }

  /** As many as there are processors would hold the common pool. */
  @Test
  void blockedListenerHoldsUpNobodyElse() {
    channels().publish("blocking", "a");
    for (ConfigurableApplicationContext context : List.of(one, two)) {
      List<Object> heard = context.getBean(Listeners.class).heard();
      Eventually.holds(
          "it is blocked: " + heard,
          () ->
              heard.stream()
                  .anyMatch(seen -> seen.toString().startsWith("blocked a on howdah-channel-")));
    }
    channels().publish("texts", "meanwhile");
    awaitHeard("meanwhile");
    assertThat(one.getBean(Listeners.class).heard()).doesNotContain("went on a");
    one.getBean(Listeners.class).go().countDown();
    two.getBean(Listeners.class).go().countDown();
    awaitHeard("went on a");
  }

  @Test
  void lostConnectionIsAGap() throws Exception {
    channels().publish("texts", "before the gap");
    awaitHeard("before the gap");
    try (Connection connection = TestPostgres.dataSource().getConnection();
        var statement =
            connection.prepareStatement(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    + " WHERE query LIKE ? AND pid <> pg_backend_pid()")) {
      statement.setString(1, "%/* howdah listener " + schema + " */");
      try (var rows = statement.executeQuery()) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isPositive();
      }
    }
    awaitHeard(new ChannelGap("texts", 0, false));
    channels().publish("texts", "after the gap");
    awaitHeard("after the gap");
  }

  static class Slow {
    static final CountDownLatch BEGAN = new CountDownLatch(1);
    static volatile boolean interrupted;

    @ChannelListener("slow")
    void slow(String text) {
      BEGAN.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  @Configuration
  @EnableAutoConfiguration
  @Import(Slow.class)
  static class SlowApplication {}

  @Test
  void closingInterruptsWhatOutlastsTheGrace() throws Exception {
    ConfigurableApplicationContext context =
        Applications.start(schema, SlowApplication.class, "howdah.channel.grace=50ms");
    channels().publish("slow", "x");
    assertThat(Slow.BEGAN.await(30, TimeUnit.SECONDS)).isTrue();
    context.close();
    Eventually.holds("it is interrupted", () -> Slow.interrupted);
  }

  @Test
  void endOfASubscriptionIsToldAsSuch() {
    try (ConfigurableApplicationContext context =
        Applications.start(
            TestPostgres.freshSchema(getClass()),
            Application.class,
            "texts=texts",
            "howdah.channel.buffer-messages=1",
            "howdah.channel.when-full=end")) {
      Listeners listeners = context.getBean(Listeners.class);
      Channels own = context.getBean(Howdah.class).channels();
      // What a pattern is handed has been handed to the channel's own subscribers before.
      CountDownLatch handedOver = new CountDownLatch(1);
      var unused =
          own.subscribePattern(
              "blocking*",
              message -> {
                if (message.payload().equals("m4")) {
                  handedOver.countDown();
                }
              });
      own.publish("blocking", "m0");
      Eventually.holds("it is blocked", () -> !listeners.heard().isEmpty());
      for (int i = 1; i < 5; i++) {
        own.publish("blocking", "m" + i);
      }
      Eventually.holds("there are too many", () -> handedOver.getCount() == 0);
      listeners.go().countDown();
      Eventually.holds(
          "the end is told",
          () ->
              listeners.heard().stream()
                  .anyMatch(seen ->
                      seen instanceof ChannelGap gap
                          && gap.channel().equals("blocking")
                          && gap.ended()));
    }
  }

  /** Each method would have waited for as long as a call may take. */
  @Test
  @Timeout(110)
  void lazyStartDoesNotWaitForADatabaseThatIsAway() {
    ConfigurableApplicationContext context =
        Applications.start(
            schema,
            Application.class,
            "texts=texts",
            "spring.datasource.url=jdbc:postgresql://127.0.0.1:1/nowhere?user=nobody",
            "howdah.sweeper=false",
            "howdah.call-timeout=2m",
            "howdah.start=lazy");
    assertThat(context.isRunning()).isTrue();
    context.close();
  }

  static class TwoPayloads {
    @ChannelListener("two")
    void hear(String one, Price two) {}
  }

  @Configuration
  @EnableAutoConfiguration
  @Import(TwoPayloads.class)
  static class TwoPayloadsApplication {}

  @Test
  void mistakeEndsTheStartAndNamesTheMethod() {
    assertThatThrownBy(() -> Applications.start(schema, TwoPayloadsApplication.class))
        .hasStackTraceContaining("TwoPayloads.hear (bean ")
        .hasStackTraceContaining("got two payloads");
  }

  @Test
  void canBeSwitchedOff() {
    try (ConfigurableApplicationContext off =
        Applications.start(schema, Application.class, "texts=t", "howdah.channel.enabled=false")) {
      assertThat(off.getBeansOfType(ChannelListeners.class)).isEmpty();
    }
  }
}
