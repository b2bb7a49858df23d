package io.howdah.spring.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.Transaction;
import io.howdah.job.JobContext;
import io.howdah.job.JobState;
import io.howdah.spring.Applications;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

/** Methods that do jobs. Two applications on one schema are a cluster. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class JobHandlerTest {
  record Mail(String to, int number) {}

  /** What handlers have seen, of all applications of the test. */
  static final Queue<Object> SEEN = new ConcurrentLinkedQueue<>();

  interface Posting {
    @JobHandler("posted")
    void post(Mail mail);
  }

  static class Handlers {
    private final JdbcClient jdbc;
    final AtomicInteger attempts = new AtomicInteger();

    Handlers(JdbcClient jdbc) {
      this.jdbc = jdbc;
    }

    @JobHandler(value = "${mail.queue}", concurrency = 4)
    void mail(Mail mail, JobContext<Mail> job) {
      assertThat(job.payload()).isEqualTo(mail);
      SEEN.add(mail.to() + mail.number());
    }

    @JobHandler("generic")
    public void generic(Map<String, List<Mail>> mails) {
      SEEN.add(mails.get("all").get(0).to());
    }

    @JobHandler("bare")
    public void bare() {
      SEEN.add("bare:" + Thread.currentThread().getName());
    }

    @JobHandler("context")
    public void context(JobContext<Mail> job) {
      SEEN.add(job.payload().to());
    }

    @JobHandler("failing")
    public void failing(Mail mail) throws IOException {
      if (attempts.incrementAndGet() < 3) {
        throw new IOException("no route to " + mail.to());
      }
      SEEN.add("third");
    }

    @JobHandler("howdah-tx")
    public void inHowdah(Mail mail, Transaction tx) throws IOException {
      tx.kv("jobs-done", Integer.class).set(mail.to(), mail.number());
      if (mail.number() == 13) {
        throw new IOException("unlucky");
      }
    }

    @JobHandler(value = "spring-tx", transactional = true)
    @Transactional
    public void inSpring(Mail mail, JobContext<Mail> job) throws IOException {
      int rows =
          jdbc.sql("INSERT INTO job_effect (name, attempt) VALUES (?, ?)")
              .params(mail.to(), job.attempt())
              .update();
      assertThat(rows).isEqualTo(1);
      if (job.attempt() == 1) {
        throw new IOException("the first attempt fails");
      }
    }
  }

  /** Behind a proxy that has the interface only. */
  static class Post implements Posting {
    @Override
    @Transactional
    public void post(Mail mail) {
      SEEN.add("posted " + mail.to());
    }
  }

  @Configuration
  @EnableAutoConfiguration
  static class Application {
    @Bean
    Handlers handlers(JdbcClient jdbc) {
      return new Handlers(jdbc);
    }
  }

  @Configuration
  @EnableAutoConfiguration
  static class PostApplication {
    @Bean
    Post post() {
      return new Post();
    }
  }

  private static final String[] PROPERTIES = {
    "mail.queue=mail",
    "howdah.job.poll-interval=100ms",
    "howdah.job.backoff-first=10ms",
    "howdah.job.backoff-most=50ms",
  };

  private final String schema = TestPostgres.freshSchema(getClass());
  private ConfigurableApplicationContext one;
  private ConfigurableApplicationContext two;
  private Howdah howdah;

  @BeforeAll
  void startCluster() {
    one =
        Applications.start(
            schema, Application.class, with("spring.datasource.hikari.schema=" + schema));
    two =
        Applications.start(
            schema, Application.class, with("spring.datasource.hikari.schema=" + schema));
    howdah = one.getBean(Howdah.class);
    one.getBean(JdbcClient.class)
        .sql("CREATE TABLE " + schema + ".job_effect (name text, attempt int)")
        .update();
  }

  private static String[] with(String... more) {
    String[] all = new String[PROPERTIES.length + more.length];
    System.arraycopy(PROPERTIES, 0, all, 0, PROPERTIES.length);
    System.arraycopy(more, 0, all, PROPERTIES.length, more.length);
    return all;
  }

  @AfterAll
  void stopCluster() {
    one.close();
    two.close();
  }

  private static void awaitSeen(Object what) {
    Eventually.holds(what + " is seen: " + SEEN, () -> SEEN.contains(what));
  }

  private void awaitCompleted(long id) {
    Eventually.holds(
        "the job is completed",
        () -> howdah.jobs().get(id).orElseThrow().state() == JobState.COMPLETED);
  }

  @Test
  void jobsAreDoneOnceInTheCluster() {
    for (int i = 0; i < 100; i++) {
      howdah.jobs("mail").enqueue(new Mail("many", i));
    }
    Eventually.holds(
        "all are done",
        () -> SEEN.stream().filter(seen -> seen.toString().startsWith("many")).count() >= 100);
    assertThat(SEEN.stream().filter(seen -> seen.toString().startsWith("many")))
        .hasSize(100)
        .doesNotHaveDuplicates();
  }

  @Test
  void payloadsMayBeOfAnyTypeAndLeftOut() {
    howdah.jobs("generic").enqueue(Map.of("all", List.of(new Mail("generic@example.org", 1))));
    howdah.jobs("context").enqueue(new Mail("context@example.org", 1));
    howdah.jobs("bare").enqueue("whatever");
    awaitSeen("generic@example.org");
    awaitSeen("context@example.org");
    Eventually.holds(
        "it is done", () -> SEEN.stream().anyMatch(seen -> seen.toString().startsWith("bare:")));
  }

  @Test
  void failureIsTriedAgain() {
    long id = howdah.jobs("failing").enqueue(new Mail("nobody", 1));
    // Each of the two applications counts for itself.
    awaitCompleted(id);
    assertThat(howdah.jobs().get(id).orElseThrow().attempt()).isGreaterThanOrEqualTo(3);
    awaitSeen("third");
  }

  @Test
  void transactionOfHowdahCompletesTheJobOrDoesNothing() {
    long good = howdah.jobs("howdah-tx").enqueue(new Mail("good", 1));
    awaitCompleted(good);
    assertThat(howdah.kv("jobs-done", Integer.class).get("good")).hasValue(1);
    long bad =
        howdah
            .jobs("howdah-tx")
            .enqueue(new Mail("bad", 13), io.howdah.job.JobOptions.defaults().maxAttempts(2))
            .orElseThrow();
    Eventually.holds(
        "it is dead", () -> howdah.jobs().get(bad).orElseThrow().state() == JobState.DEAD);
    assertThat(howdah.kv("jobs-done", Integer.class).get("bad")).isEmpty();
  }

  @Test
  void transactionOfSpringCompletesTheJobOrDoesNothing() {
    long id = howdah.jobs("spring-tx").enqueue(new Mail("joined", 1));
    awaitCompleted(id);
    // The first attempt, whose exception was a checked one, has left nothing.
    assertThat(
            one.getBean(JdbcClient.class)
                .sql("SELECT attempt FROM job_effect WHERE name = 'joined'")
                .query(Integer.class)
                .list())
        .containsExactly(2);
  }

  @Test
  void handlersBehindProxiesOfInterfacesAreFound() {
    try (ConfigurableApplicationContext context =
        Applications.start(
            schema, PostApplication.class, with("spring.aop.proxy-target-class=false"))) {
      assertThat(java.lang.reflect.Proxy.isProxyClass(context.getBean(Posting.class).getClass()))
          .isTrue();
      context.getBean(Howdah.class).jobs("posted").enqueue(new Mail("proxy", 1));
      awaitSeen("posted proxy");
    }
  }

  @Tag("full")
  @Test
  void queuesCanBeLeftToOtherProcesses() {
    try (ConfigurableApplicationContext idle =
        Applications.start(
            TestPostgres.freshSchema(getClass()),
            PostApplication.class,
            with("howdah.job.queues.posted.enabled=false"))) {
      Howdah alone = idle.getBean(Howdah.class);
      long id = alone.jobs("posted").enqueue(new Mail("left", 1));
      assertThat(idle.getBean(JobWorkers.class).isRunning()).isTrue();
      assertThat(alone.jobs().get(id).orElseThrow().state()).isEqualTo(JobState.WAITING);
    }
    try (ConfigurableApplicationContext off =
        Applications.start(schema, PostApplication.class, with("howdah.job.enabled=false"))) {
      assertThat(off.getBeansOfType(JobWorkers.class)).isEmpty();
    }
  }

  // Stopping.

  static class Slow {
    static CountDownLatch began = new CountDownLatch(1);
    static CountDownLatch go = new CountDownLatch(1);
    static volatile String outcome = "";

    @JobHandler("slow")
    public void slow(Mail mail) throws InterruptedException {
      outcome = "began";
      began.countDown();
      try {
        go.await();
        outcome = "ended";
      } catch (InterruptedException e) {
        outcome = "interrupted";
        throw e;
      }
    }
  }

  @Configuration
  @EnableAutoConfiguration
  @Import(Slow.class)
  static class SlowApplication {}

  private ConfigurableApplicationContext startSlow(String slowSchema, String... more)
      throws InterruptedException {
    Slow.began = new CountDownLatch(1);
    Slow.go = new CountDownLatch(1);
    ConfigurableApplicationContext context =
        Applications.start(slowSchema, SlowApplication.class, with(more));
    context.getBean(Howdah.class).jobs("slow").enqueue(new Mail("slow", 1));
    assertThat(Slow.began.await(30, TimeUnit.SECONDS)).isTrue();
    return context;
  }

  private static JobState stateOf(String slowSchema) {
    try (Howdah outside = Howdah.builder(TestPostgres.url()).schema(slowSchema).open()) {
      for (JobState state : JobState.values()) {
        if (!outside.jobs().list("slow", state, 0, 1).isEmpty()) {
          return state;
        }
      }
      throw new AssertionError("no job");
    }
  }

  @Tag("full")
  @Test
  void runningJobEndsWithinTheGrace() throws Exception {
    String slowSchema = TestPostgres.freshSchema(getClass());
    ConfigurableApplicationContext context = startSlow(slowSchema);
    Thread closing = new Thread(context::close);
    closing.start();
    Eventually.holds(
        "workers are being stopped",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("howdah-jobs-stop")));
    Slow.go.countDown();
    closing.join(60_000);
    assertThat(closing.isAlive()).isFalse();
    assertThat(Slow.outcome).isEqualTo("ended");
    assertThat(stateOf(slowSchema)).isEqualTo(JobState.COMPLETED);
  }

  @Test
  void jobThatOutlastsTheGraceIsInterruptedAndGivenBack() throws Exception {
    String slowSchema = TestPostgres.freshSchema(getClass());
    startSlow(slowSchema, "howdah.job.grace=50ms").close();
    assertThat(Slow.outcome).isEqualTo("interrupted");
    assertThat(stateOf(slowSchema)).isEqualTo(JobState.WAITING);
  }

  /** Where there are virtual threads: on Java 17 the property does nothing. */
  @Tag("full")
  @Test
  void virtualThreadsAreInterruptedAfterTheGraceToo() throws Exception {
    String slowSchema = TestPostgres.freshSchema(getClass());
    startSlow(slowSchema, "howdah.job.grace=50ms", "spring.threads.virtual.enabled=true").close();
    assertThat(Slow.outcome).isEqualTo("interrupted");
    assertThat(stateOf(slowSchema)).isEqualTo(JobState.WAITING);
  }

  // Mistakes.

  static class Twice {
    @JobHandler("twice")
    void first(Mail mail) {}

    @JobHandler("twice")
    void second(Mail mail) {}
  }

  static class TwoPayloads {
    @JobHandler("two-payloads")
    void handle(Mail mail, String other) {}
  }

  static class BadLease {
    @JobHandler(value = "bad-lease", lease = "1ms")
    void handle(Mail mail) {}
  }

  static class Hidden implements Runnable {
    @Override
    @Transactional
    public void run() {}

    @JobHandler("hidden")
    public void handle(Mail mail) {}
  }

  @Configuration
  @EnableAutoConfiguration
  @Import(Twice.class)
  static class TwiceApplication {}

  @Configuration
  @EnableAutoConfiguration
  @Import(TwoPayloads.class)
  static class TwoPayloadsApplication {}

  @Configuration
  @EnableAutoConfiguration
  @Import(BadLease.class)
  static class BadLeaseApplication {}

  @Configuration
  @EnableAutoConfiguration
  @Import(Hidden.class)
  static class HiddenApplication {}

  @Tag("full")
  @Test
  void mistakesEndTheStartAndNameTheMethod() {
    assertThatThrownBy(() -> Applications.start(schema, TwiceApplication.class))
        .hasStackTraceContaining("the queue twice has a handler already: @JobHandler on ")
        .hasStackTraceContaining("Twice.");
    assertThatThrownBy(() -> Applications.start(schema, TwoPayloadsApplication.class))
        .hasStackTraceContaining("TwoPayloads.handle (bean ")
        .hasStackTraceContaining("got two parameters that are a payload");
    assertThatThrownBy(() -> Applications.start(schema, BadLeaseApplication.class))
        .hasStackTraceContaining("BadLease.handle (bean ")
        .hasStackTraceContaining("lease: PT0.3S to PT24H expected, got PT0.001S");
    assertThatThrownBy(() ->
            Applications.start(
                schema, HiddenApplication.class, "spring.aop.proxy-target-class=false"))
        .hasStackTraceContaining("Hidden.handle (bean ");
  }
}
