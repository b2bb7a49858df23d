package io.howdah.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.TestAccess;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** What test classes get, seen from outside. */
class HowdahExtensionTest {
  /** The schemas that the classes below were given. */
  private static final List<String> SCHEMAS = new ArrayList<>();

  private static final List<Howdah> HOWDAHS = new ArrayList<>();

  private static void note(Howdah howdah) {
    SCHEMAS.add(TestAccess.of(howdah).schema());
    HOWDAHS.add(howdah);
  }

  @BeforeEach
  void forget() {
    SCHEMAS.clear();
    HOWDAHS.clear();
  }

  private static Events run(Class<?>... classes) {
    var builder = EngineTestKit.engine("junit-jupiter");
    for (Class<?> each : classes) {
      builder.selectors(selectClass(each));
    }
    return builder.execute().testEvents();
  }

  @HowdahTest
  static class First {
    @BeforeAll
    static void before(Howdah howdah, HowdahTesting testing) {
      howdah.kv("n", String.class).set("k", "v", Duration.ofMinutes(10));
      testing.advance(Duration.ofMinutes(9));
    }

    @Test
    void methodsAreGivenTheSameHowdah(Howdah howdah) {
      note(howdah);
      assertThat(howdah.kv("n", String.class).get("k")).contains("v");
    }

    @Test
    void dataSourceAndServerLeadThere(Howdah howdah, DataSource database, HowdahPostgres postgres)
        throws SQLException {
      note(howdah);
      try (Connection connection = database.getConnection()) {
        assertThat(connection.getMetaData().getURL())
            .startsWith(postgres.jdbcUrl().split("\\?", -1)[0]);
        connection.setAutoCommit(false);
        assertThat(howdah.on(connection).kv("n", String.class).get("k")).contains("v");
        connection.rollback();
      }
    }

    @Nested
    class Inner {
      @Test
      void nestedClassesShareIt(Howdah howdah) {
        note(howdah);
        assertThat(howdah.kv("n", String.class).get("k")).contains("v");
      }
    }
  }

  @HowdahTest
  static class Second {
    @Test
    void anotherClassHasAnotherSchema(Howdah howdah) {
      note(howdah);
      assertThat(howdah.kv("n", String.class).get("k")).isEmpty();
    }
  }

  @Test
  void eachClassHasASchemaThatIsDroppedAfterIt() throws SQLException {
    run(First.class, Second.class).assertStatistics(stats -> stats.started(4).succeeded(4));
    assertThat(SCHEMAS).hasSize(4);
    assertThat(Set.copyOf(SCHEMAS)).hasSize(2);
    assertThat(SCHEMAS).allMatch(schema -> schema.matches("t_(first|second)_[0-9a-f]{8}"));
    assertThat(HOWDAHS).allMatch(HowdahExtensionTest::isClosed);
    try (Connection connection = HowdahPostgres.shared().dataSource().getConnection()) {
      for (String schema : SCHEMAS) {
        assertThat(connection.getMetaData().getSchemas(null, schema).next()).isFalse();
      }
    }
  }

  private static boolean isClosed(Howdah howdah) {
    try {
      var unused = howdah.kv("n", String.class).get("k");
      return false;
    } catch (HowdahException e) {
      return e.code() == ErrorCode.CLOSED;
    }
  }

  @HowdahTest
  static class Failing {
    private final Howdah howdah;
    private final HowdahTesting testing;

    Failing(Howdah howdah, HowdahTesting testing) {
      this.howdah = howdah;
      this.testing = testing;
    }

    private void leaveAFailure() {
      assertThat(howdah.kv("n", String.class).get("k")).isEmpty();
      testing.failNext(1, ErrorCode.UNAVAILABLE);
    }

    @Test
    void one() {
      leaveAFailure();
    }

    @Test
    void other() {
      leaveAFailure();
    }
  }

  @Test
  void nextTestDoesNotFailWithWhatOneHasLeft() {
    run(Failing.class).assertStatistics(stats -> stats.started(2).succeeded(2));
  }

  static class Configured {
    @RegisterExtension
    static final HowdahExtension HOWDAH =
        HowdahExtension.on(() -> HowdahPostgres.at(TestPostgres.url()).newDatabase())
            .configured(builder -> builder.maxValueBytes(10));

    @Test
    void settingsAndServerAreThoseOfTheTest(Howdah howdah, HowdahPostgres postgres) {
      SCHEMAS.add(postgres.jdbcUrl());
      var store = howdah.kv("n", String.class);
      store.set("k", "12345678");
      assertThatThrownBy(() -> store.set("k", "123456789"))
          .isInstanceOf(InvalidArgumentException.class);
    }
  }

  @Test
  void registeredExtensionHasItsSettingsAndClosesItsServer() {
    run(Configured.class).assertStatistics(stats -> stats.started(1).succeeded(1));
    HowdahPostgres gone = HowdahPostgres.at(SCHEMAS.get(0), "postgres", "");
    assertThatThrownBy(() -> gone.dataSource().getConnection())
        .hasMessageContaining("does not exist");
  }
}
