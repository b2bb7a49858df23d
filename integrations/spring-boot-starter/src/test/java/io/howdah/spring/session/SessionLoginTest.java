package io.howdah.spring.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.session.SessionSettings;
import io.howdah.session.SessionSettings.OnFull;
import io.howdah.session.Sessions;
import io.howdah.spring.Applications;
import io.howdah.spring.session.SessionApplication.Heard;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
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
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.authentication.LockedException;
import org.springframework.security.web.WebAttributes;
import org.springframework.security.web.authentication.session.SessionAuthenticationException;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.IndexResolver;
import org.springframework.session.PrincipalNameIndexResolver;
import org.springframework.session.Session;

/** Logins, and ids that change: two instances, of which the second one is strict. */
class SessionLoginTest {
  private static final String SCHEMA = TestPostgres.freshSchema(SessionLoginTest.class);
  private static final String PRINCIPAL =
      FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

  private static ConfigurableApplicationContext one;
  private static ConfigurableApplicationContext strict;

  /** Has an index of its own; not found by a scan, since it is none of the application's. */
  @Import(SessionApplication.class)
  static class Strict {
    @Bean
    IndexResolver<Session> indexes() {
      PrincipalNameIndexResolver<Session> principals = new PrincipalNameIndexResolver<>();
      return session -> {
        String owner = session.getAttribute("owner");
        return owner == null ? principals.resolveIndexesFor(session) : Map.of(PRINCIPAL, owner);
      };
    }
  }

  @BeforeAll
  static void start() {
    one =
        Applications.startWeb(
            SCHEMA, SessionApplication.class, "howdah.session.events.enabled=true");
    strict =
        Applications.startWeb(
            SCHEMA,
            Strict.class,
            "app.maximum-sessions=1",
            "howdah.session.save-mode=on-get-attribute");
  }

  @AfterAll
  static void stop() {
    one.close();
    strict.close();
  }

  private static HowdahSessionRepository repository(ConfigurableApplicationContext instance) {
    return instance.getBean(HowdahSessionRepository.class);
  }

  private static Sessions sessions() {
    return one.getBean(Howdah.class).sessions();
  }

  private static int port(ConfigurableApplicationContext instance) {
    return Integer.parseInt(
        Objects.requireNonNull(instance.getEnvironment().getProperty("local.server.port")));
  }

  private static HowdahSession created(@Nullable String principal) {
    HowdahSession session = repository(one).createSession();
    if (principal != null) {
      session.setAttribute(PRINCIPAL, principal);
    }
    repository(one).save(session);
    return session;
  }

  private static HowdahSession found(ConfigurableApplicationContext instance, String id) {
    return Objects.requireNonNull(repository(instance).findById(id));
  }

  private static void login(
      ConfigurableApplicationContext instance, HowdahSession session, String user) {
    session.setAttribute(PRINCIPAL, user);
    session.setAttribute("by " + System.identityHashCode(session), true);
    assertThat(session.changeSessionId()).isNotEmpty();
    repository(instance).save(session);
  }

  @Test
  void twoLoginsAtOnceOfOneUserHaveOneId() {
    String id = created(null).getId();
    HowdahSession first = found(one, id);
    HowdahSession second = found(one, id);
    HowdahSession neither = found(one, id);
    login(one, first, "flo");
    login(one, second, "flo");
    assertThat(second.getId()).isEqualTo(first.getId()).isNotEqualTo(id);
    neither.setAttribute("cart", "rug");
    repository(one).save(neither);
    HowdahSession after = found(one, first.getId());
    assertThat(after.<String>getAttribute("cart")).isEqualTo("rug");
    assertThat(after.getAttributeNames()).hasSize(4);
    assertThat(repository(one).findById(id)).as("the id from before the login").isNull();
  }

  @Test
  void ofTwoLoginsAtOnceOnTwoInstancesTheLastIdStays() {
    String id = created(null).getId();
    HowdahSession first = found(one, id);
    HowdahSession second = found(strict, id);
    login(one, first, "gus");
    login(strict, second, "gus");
    assertThat(found(one, second.getId()).getAttributeNames()).hasSize(3);
    assertThat(repository(one).findById(first.getId())).isNull();
  }

  @Test
  void changeOfAUsersSessionFollowsItsIdOnEachInstance() {
    String id = created("hal").getId();
    HowdahSession elsewhere = found(strict, id);
    HowdahSession rotated = found(one, id);
    login(one, rotated, "hal");
    elsewhere.setAttribute("cart", "rug");
    repository(strict).save(elsewhere);
    assertThat(found(one, rotated.getId()).<String>getAttribute("cart")).isEqualTo("rug");
  }

  @Test
  void whoKnewTheIdBeforeALoginGetsIntoNobodysSession() {
    String id = created(null).getId();
    HowdahSession first = found(one, id);
    HowdahSession other = found(one, id);
    login(one, first, "ida");
    login(one, other, "mallory");
    assertThat(other.getId()).isNotEqualTo(first.getId());
    assertThat(repository(one).findById(other.getId())).isNull();
    assertThat(found(one, first.getId()).<String>getAttribute(PRINCIPAL)).isEqualTo("ida");
    assertThat(sessions().list("mallory")).isEmpty();
  }

  @Test
  void sameSessionMayLogInAgainWhereOneIsAllowed() throws Exception {
    Browser browser = new Browser();
    String login = "username=ann&password=pw";
    assertThat(browser.post(port(strict), "/login", login).headers().firstValue("Location"))
        .hasValueSatisfying(to -> assertThat(to).endsWith("/me"));
    String before = browser.session();
    assertThat(browser.post(port(strict), "/login", login).headers().firstValue("Location"))
        .hasValueSatisfying(to -> assertThat(to).endsWith("/me"));
    assertThat(browser.session()).isNotEqualTo(before);

    Browser other = new Browser();
    other.post(port(strict), "/set", "theme=dark");
    assertThat(other.post(port(strict), "/login", login).headers().firstValue("Location"))
        .hasValueSatisfying(to -> assertThat(to).endsWith("/login?error"));
    assertThat(
            found(one, other.session())
                .<Object>getAttribute(WebAttributes.AUTHENTICATION_EXCEPTION))
        .isInstanceOf(SessionAuthenticationException.class);
  }

  @Test
  void reasonOfAFailedLoginIsInTheSession() throws Exception {
    Browser browser = new Browser();
    browser.post(port(one), "/set", "theme=dark");
    assertThat(browser.post(port(one), "/login", "username=lou&password=pw").statusCode())
        .isEqualTo(302);
    Object reason =
        found(one, browser.session()).getAttribute(WebAttributes.AUTHENTICATION_EXCEPTION);
    assertThat(reason).isInstanceOf(LockedException.class);
    assertThat(sessions().get(browser.session()).orElseThrow().json()).doesNotContain("pw\"");
  }

  @Test
  void reasonThatCannotBeStoredTakesTheOldOneAway() {
    HowdahSession session = created(null);
    session.setAttribute("failure", new LockedException("old"));
    repository(one).save(session);
    session.setAttribute("failure", new AttributeCodecTest.OddException(1));
    session.setAttribute("theme", "dark");
    repository(one).save(session);
    assertThat(found(one, session.getId()).getAttributeNames()).containsExactly("theme");
    HowdahSession another = repository(one).createSession();
    another.setAttribute("failure", new AttributeCodecTest.OddException(1));
    repository(one).save(another);
    assertThat(found(one, another.getId()).getAttributeNames()).isEmpty();
  }

  @Test
  void userIsWhomTheApplicationsIndexNames() {
    HowdahSession session = repository(strict).createSession();
    repository(strict).save(session);
    session.setAttribute("owner", "jo");
    repository(strict).save(session);
    assertThat(sessions().list("jo")).hasSize(1);
    assertThat(repository(strict).findByPrincipalName("jo")).hasSize(1);
  }

  @Test
  void whatWasGotIsSavedWhereThatIsChosen() {
    HowdahSession session = created(null);
    session.setAttribute("cart", new ArrayList<>(List.of("rug")));
    session.setAttribute("theme", "dark");
    repository(one).save(session);
    HowdahSession got = found(strict, session.getId());
    Objects.requireNonNull(got.<List<String>>getAttribute("cart")).add("mat");
    sessions().set(session.getId(), "theme", "light");
    repository(strict).save(got);
    HowdahSession after = found(one, session.getId());
    assertThat(after.<List<String>>getAttribute("cart")).containsExactly("rug", "mat");
    assertThat(after.<String>getAttribute("theme")).as("what was not got").isEqualTo("light");
  }

  @Test
  void loginAboveTheBoundOfAUserIsRefused() {
    SessionSettings before = sessions().settings();
    var unused = created("kit");
    sessions().configure(before.withMaxPerUser(1, OnFull.REFUSE));
    try {
      HowdahSession second = created(null);
      second.setAttribute(PRINCIPAL, "kit");
      for (HowdahSession refused : List.of(second, second)) {
        assertThatThrownBy(() -> repository(one).save(refused))
            .isInstanceOfSatisfying(
                HowdahException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.SESSION_LIMIT));
      }
      assertThatThrownBy(() -> created("kit")).isInstanceOf(HowdahException.class);
      assertThat(found(one, second.getId()).<String>getAttribute(PRINCIPAL)).isNull();
    } finally {
      sessions().configure(before);
    }
  }

  @Test
  void listenersOfTheServletApiAreTold() throws Exception {
    List<String> events = one.getBean(Heard.class).events;
    HowdahSession session = created("leo");
    login(one, session, "leo");
    String id = session.getId();
    Eventually.holds("it is told", () -> events.toString().contains("created "));
    repository(one).deleteById(id);
    Eventually.holds("it is told by its last id", () -> events.contains("destroyed " + id));
    assertThat(events.stream().filter(event -> event.equals("destroyed " + id))).hasSize(1);
  }

  @Test
  void sessionThatAnInstanceCreatesIsToldThereByItsId() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<HowdahSession>> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        all.add(threads.submit(() -> created("max")));
      }
      List<String> events = one.getBean(Heard.class).events;
      for (Future<HowdahSession> session : all) {
        String id = session.get(60, TimeUnit.SECONDS).getId();
        Eventually.holds("it is told by its id", () -> events.contains("created " + id));
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
