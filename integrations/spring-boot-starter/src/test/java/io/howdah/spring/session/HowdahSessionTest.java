package io.howdah.spring.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.session.Sessions;
import io.howdah.spring.session.SessionApplication.Told;
import io.howdah.test.HowdahTesting;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.session.SessionInformation;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.events.AbstractSessionEvent;
import org.springframework.session.events.SessionCreatedEvent;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;
import org.springframework.session.security.SpringSessionBackedSessionRegistry;

/** Two instances of an application, on real servers, with one database. */
class HowdahSessionTest {
  private static final String SCHEMA = TestPostgres.freshSchema(HowdahSessionTest.class);

  private static ConfigurableApplicationContext one;
  private static ConfigurableApplicationContext two;

  @BeforeAll
  static void start() {
    one = run();
    two = run();
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
  }

  private static ConfigurableApplicationContext run(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.datasource.url=" + TestPostgres.url(),
                "--howdah.schema=" + SCHEMA,
                "--howdah.session.events.enabled=true",
                "--spring.session.timeout=20m",
                "--server.servlet.session.cookie.http-only=true",
                "--server.servlet.session.cookie.max-age=1h"));
    arguments.addAll(List.of(more));
    return new SpringApplicationBuilder(SessionApplication.class)
        .run(arguments.toArray(String[]::new));
  }

  private static int port(ConfigurableApplicationContext application) {
    return Integer.parseInt(
        Objects.requireNonNull(application.getEnvironment().getProperty("local.server.port")));
  }

  private static HowdahSessionRepository repository() {
    return one.getBean(HowdahSessionRepository.class);
  }

  private static Sessions sessions() {
    return one.getBean(Howdah.class).sessions();
  }

  private static JdbcClient sql() {
    return one.getBean(JdbcClient.class);
  }

  @CanIgnoreReturnValue
  private static String body(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  @Test
  void sessionIsThatOfEveryInstance() throws Exception {
    Browser browser = new Browser();
    body(browser.post(port(one), "/set", "theme=dark"));
    assertThat(body(browser.get(port(two), "/get?name=theme"))).isEqualTo("dark");
    body(browser.post(port(two), "/cart", "item=rug"));
    assertThat(body(browser.get(port(one), "/get?name=cart"))).contains("rug");
    assertThat(browser.cookie().isHttpOnly()).isTrue();
    assertThat(browser.cookie().getMaxAge()).isEqualTo(3_600);
    body(browser.post(port(one), "/end", ""));
    assertThat(body(browser.get(port(two), "/get?name=theme"))).isEqualTo("null");
  }

  @Test
  void databaseKnowsTheHashOfTheTokenOnly() throws Exception {
    Browser browser = new Browser();
    body(browser.post(port(one), "/set", "theme=dark"));
    assertThat(Sessions.isWellFormed(browser.session())).isTrue();
    assertThat(
            sql()
                .sql(
                    "SELECT count(*) FROM " + SCHEMA + ".session_durable AS s WHERE s::text LIKE ?")
                .param("%" + browser.session() + "%")
                .query(Long.class)
                .single())
        .isZero();
    assertThat(sessions().get(browser.session()).orElseThrow().json()).contains("\"dark\"");
  }

  @Test
  void differentAttributesOfManyRequestsAtOnceAllStay() throws Exception {
    Browser browser = new Browser();
    body(browser.post(port(one), "/set", "first=1"));
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try {
      List<Future<HttpResponse<String>>> all = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        int number = i;
        all.add(
            threads.submit(() ->
                browser.post(
                    port(number % 2 == 0 ? one : two), "/set", "a" + number + "=" + number)));
      }
      for (Future<HttpResponse<String>> one : all) {
        body(one.get(60, TimeUnit.SECONDS));
      }
    } finally {
      threads.shutdownNow();
    }
    HowdahSession session = Objects.requireNonNull(repository().findById(browser.session()));
    assertThat(session.getAttributeNames()).hasSize(65);
    for (int i = 0; i < 64; i++) {
      assertThat(session.<String>getAttribute("a" + i)).isEqualTo(Integer.toString(i));
    }
  }

  @Test
  void loginGivesTheSessionAnotherIdAndItsUser() throws Exception {
    Browser browser = new Browser();
    body(browser.post(port(one), "/set", "theme=dark"));
    String before = browser.session();
    assertThat(browser.get(port(one), "/me").statusCode()).isEqualTo(401);
    browser.post(port(one), "/login", "username=ann&password=pw");
    assertThat(browser.session()).isNotEqualTo(before);
    assertThat(body(browser.get(port(two), "/me"))).isEqualTo("ann");
    assertThat(body(browser.get(port(two), "/get?name=theme"))).isEqualTo("dark");
    assertThat(repository().findById(before)).isNull();
    assertThat(sessions().get(browser.session()).orElseThrow().userId()).contains("ann");

    assertThat(sessions().revokeUser("ann")).isPositive();
    assertThat(browser.get(port(two), "/me").statusCode()).isEqualTo(401);
  }

  @Test
  void sessionsOfAPrincipalAreFoundEndedAndDeletedByTheIdsOfThisProcess() {
    HowdahSession session = repository().createSession();
    session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "bob");
    repository().save(session);
    Map<String, HowdahSession> found = repository().findByPrincipalName("bob");
    assertThat(found).hasSize(1);
    String id = found.keySet().iterator().next();
    assertThat(Objects.requireNonNull(repository().findById(id)).getId()).isEqualTo(id);
    assertThat(two.getBean(HowdahSessionRepository.class).findById(id))
        .as("a handle opens nothing elsewhere")
        .isNull();
    assertThat(repository().findById(id.substring(0, id.length() - 4) + "AAAA")).isNull();

    SpringSessionBackedSessionRegistry<HowdahSession> registry =
        new SpringSessionBackedSessionRegistry<>(repository());
    registry.getAllSessions("bob", false).forEach(SessionInformation::expireNow);
    assertThat(Objects.requireNonNull(registry.getSessionInformation(session.getId())).isExpired())
        .isTrue();

    repository().deleteById(id);
    assertThat(repository().findById(session.getId())).isNull();
    assertThat(repository().findByPrincipalName("bob")).isEmpty();
    assertThat(repository().findByIndexNameAndIndexValue("other", "bob")).isEmpty();
  }

  @Test
  void principalMayBecomeAnotherOneAndNobody() {
    HowdahSession session = repository().createSession();
    session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "cyd");
    repository().save(session);
    HowdahSession again = Objects.requireNonNull(repository().findById(session.getId()));
    again.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "dan");
    repository().save(again);
    assertThat(repository().findByPrincipalName("cyd")).isEmpty();
    assertThat(repository().findByPrincipalName("dan")).hasSize(1);
    again.removeAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME);
    repository().save(again);
    assertThat(repository().findByPrincipalName("dan")).isEmpty();
    assertThat(repository().findById(session.getId())).isNotNull();
  }

  @Test
  void intervalIsThatOfEachSession() throws Exception {
    Browser browser = new Browser();
    assertThat(body(browser.get(port(one), "/idle"))).isEqualTo("1200");
    body(browser.post(port(one), "/idle", "seconds=60"));
    assertThat(body(browser.get(port(two), "/idle"))).isEqualTo("60");
    io.howdah.session.Session stored = sessions().get(browser.session()).orElseThrow();
    assertThat(stored.expiresAt()).isBefore(stored.lastAccessedAt().plus(Duration.ofMinutes(5)));
    body(browser.post(port(one), "/idle", "seconds=-1"));
    assertThat(body(browser.get(port(two), "/idle"))).isEqualTo("-1");
    assertThat(Objects.requireNonNull(repository().findById(browser.session())).isExpired())
        .isFalse();
  }

  @Test
  void attributeWhoseClassHasChangedIsAbsentAndTheSessionLivesOn() throws Exception {
    Browser browser = new Browser();
    body(browser.post(port(one), "/cart", "item=rug"));
    body(browser.post(port(one), "/set", "theme=dark"));
    for (String cart :
        List.of(
            "{\"@class\":\"" + SessionApplication.class.getName() + "$Cart\",\"owner\":{}}",
            "{\"@class\":\"com.acme.Gone\"}",
            "{\"@java\":\"AAAA\"}")) {
      sessions().setJson(browser.session(), "{\"cart\":" + cart + "}");
      assertThat(body(browser.get(port(two), "/get?name=cart"))).isEqualTo("null");
      assertThat(body(browser.get(port(two), "/get?name=theme"))).isEqualTo("dark");
      assertThat(
              Objects.requireNonNull(repository().findById(browser.session())).getAttributeNames())
          .containsExactly("theme");
    }
    body(browser.post(port(two), "/cart", "item=mat"));
    assertThat(body(browser.get(port(one), "/get?name=cart"))).contains("mat");
  }

  @Test
  void attributeThatCannotBeStoredIsNamed() {
    HowdahSession session = repository().createSession();
    session.setAttribute("socket", new Thread());
    assertThatThrownBy(() -> repository().save(session))
        .isInstanceOf(HowdahException.class)
        .hasMessageContaining("'socket'")
        .hasMessageContaining("howdah.session.allowed-types");
    assertThat(repository().findById(session.getId())).isNull();
  }

  @Test
  void javaSerializesWhatCannotBeJsonWhereThatIsChosen() {
    try (ConfigurableApplicationContext java = run("--howdah.session.fallback=java")) {
      HowdahSessionRepository repository = java.getBean(HowdahSessionRepository.class);
      HowdahSession session = repository.createSession();
      session.setAttribute("old", new Old(7));
      repository.save(session);
      Old read = Objects.requireNonNull(repository.findById(session.getId())).getAttribute("old");
      assertThat(Objects.requireNonNull(read).number()).isEqualTo(7);
      session.setAttribute("file", new java.io.File("/"));
      assertThatThrownBy(() -> repository.save(session)).hasMessageContaining("'file'");
      assertThat(
              Objects.requireNonNull(repository().findById(session.getId()))
                  .<Object>getAttribute("old"))
          .as("where it is off")
          .isNull();
    }
  }

  /** One that Jackson cannot make. */
  static final class Old implements java.io.Serializable {
    private static final long serialVersionUID = 1;
    private final int secret;

    Old(int number) {
      this.secret = number;
    }

    int number() {
      return secret;
    }
  }

  @Test
  void sessionThatEndedMeanwhileStaysEnded() {
    HowdahSession session = repository().createSession();
    repository().save(session);
    HowdahSession used = Objects.requireNonNull(repository().findById(session.getId()));
    repository().deleteById(session.getId());
    used.setAttribute("a", 1);
    repository().save(used);
    assertThat(repository().findById(session.getId())).isNull();
  }

  @Test
  void namesOfAttributesMayBeginWithAnything() {
    HowdahSession session = repository().createSession();
    session.setAttribute("@idle", "text");
    session.setAttribute("@@a", 1);
    session.setAttribute("\"quoted\"", 2L);
    repository().save(session);
    HowdahSession found = Objects.requireNonNull(repository().findById(session.getId()));
    assertThat(found.<String>getAttribute("@idle")).isEqualTo("text");
    assertThat(found.getAttributeNames()).containsExactlyInAnyOrder("@idle", "@@a", "\"quoted\"");
    assertThat(found.getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(20));
    found.removeAttribute("@idle");
    assertThat(found.<String>getAttribute("@idle")).isNull();
    assertThat(found.getAttributeNames()).hasSize(2);
    repository().save(found);
    assertThat(Objects.requireNonNull(repository().findById(session.getId())).getAttributeNames())
        .hasSize(2);
  }

  @Test
  void idThatIsNoTokenFindsNothing() {
    for (String id : List.of("", "x", "@", "@a.b.c", "1".repeat(10_000))) {
      assertThat(repository().findById(id)).isNull();
      repository().deleteById(id);
    }
  }

  private static @Nullable AbstractSessionEvent event(
      ConfigurableApplicationContext application,
      Class<? extends AbstractSessionEvent> kind,
      String id) {
    List<AbstractSessionEvent> events = application.getBean(Told.class).events;
    synchronized (events) {
      return events.stream()
          .filter(event -> kind.isInstance(event) && event.getSessionId().equals(id))
          .findFirst()
          .orElse(null);
    }
  }

  @Test
  void everyInstanceIsToldWhatHappens() throws Exception {
    HowdahSession session = repository().createSession();
    session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "eve");
    repository().save(session);
    String id = session.getId();
    String handle = sessions().get(id).orElseThrow().handle().toString();
    Eventually.holds("it is told", () -> event(one, SessionCreatedEvent.class, id) != null);
    Eventually.holds("it is told", () -> event(two, SessionCreatedEvent.class, handle) != null);
    assertThat(two.getBean(HowdahSessionRepository.class).findById(id)).isNotNull();
    repository().deleteById(id);
    Eventually.holds("it is told", () -> event(one, SessionDeletedEvent.class, id) != null);
    Eventually.holds("it is told", () -> event(two, SessionDeletedEvent.class, id) != null);
    Session told = Objects.requireNonNull(event(two, SessionDeletedEvent.class, id)).getSession();
    assertThat(
            told.<String>getAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME))
        .isEqualTo("eve");
  }

  @Test
  void everyInstanceIsToldOfASessionThatExpired() throws Exception {
    HowdahSession session = repository().createSession();
    repository().save(session);
    String id = session.getId();
    HowdahTesting.of(one.getBean(Howdah.class), two.getBean(Howdah.class))
        .advance(Duration.ofMinutes(21));
    assertThat(repository().findById(id)).isNull();
    Howdah howdah = one.getBean(Howdah.class);
    for (int turn = 0; turn < 2; turn++) {
      boolean done;
      do {
        done = howdah.sweep().isDone();
      } while (!done);
    }
    Eventually.holds("it is told", () -> event(one, SessionExpiredEvent.class, id) != null);
    assertThat(event(one, SessionDeletedEvent.class, id)).isNull();
  }

  @Test
  void changesAreWrittenAtOnceWhereThatIsChosen() {
    try (ConfigurableApplicationContext immediate =
        run("--howdah.session.flush-mode=immediate", "--howdah.session.save-mode=always")) {
      HowdahSessionRepository repository = immediate.getBean(HowdahSessionRepository.class);
      HowdahSession session = repository.createSession();
      session.setAttribute("cart", new ArrayList<>(List.of("rug")));
      HowdahSession found = Objects.requireNonNull(repository().findById(session.getId()));
      assertThat(found.<List<String>>getAttribute("cart")).containsExactly("rug");

      HowdahSession always = Objects.requireNonNull(repository.findById(session.getId()));
      Objects.requireNonNull(always.<List<String>>getAttribute("cart")).add("mat");
      repository.save(always);
      assertThat(
              Objects.requireNonNull(repository().findById(session.getId()))
                  .<List<String>>getAttribute("cart"))
          .containsExactly("rug", "mat");
    }
  }

  @Test
  void offSwitchLeavesTheSessionsOfTheServer() {
    try (ConfigurableApplicationContext off = run("--howdah.session.enabled=false")) {
      assertThat(off.getBeansOfType(HowdahSessionRepository.class)).isEmpty();
    }
  }
}
