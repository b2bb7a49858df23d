package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

class LaneDataSourceTest {

  private static PGSimpleDataSource withTimeouts(PGSimpleDataSource plain) {
    return (PGSimpleDataSource) LaneDataSource.withTimeouts(plain, Duration.ofSeconds(5));
  }

  private static void assertHasSettingsOf(PGSimpleDataSource plain, PGSimpleDataSource copy) {
    assertThat(copy.getServerNames()).isEqualTo(plain.getServerNames());
    assertThat(copy.getPortNumbers()).isEqualTo(plain.getPortNumbers());
    assertThat(copy.getDatabaseName()).isEqualTo(plain.getDatabaseName());
    assertThat(copy.getUser()).isEqualTo(plain.getUser());
    assertThat(copy.getPassword()).isEqualTo(plain.getPassword());
    assertThat(PGProperty.values())
        .allSatisfy(one -> assertThat(copy.getProperty(one)).isEqualTo(plain.getProperty(one)));
  }

  @Test
  void copyHasAllSettings() {
    PGSimpleDataSource plain = new PGSimpleDataSource();
    plain.setUrl(
        "jdbc:postgresql://one:5433,two/some%20db?sslmode=verify-full&ApplicationName=shop%26co"
            + "&targetServerType=primary&options=-c%20statement_timeout=5s&prepareThreshold=0"
            + "&connectTimeout=2&socketTimeout=60");
    plain.setUser("ann");
    plain.setPassword("p&w=%");
    PGSimpleDataSource copy = withTimeouts(plain);
    assertThat(copy.getConnectTimeout()).as("its own, which is shorter").isEqualTo(2);
    assertThat(copy.getSocketTimeout()).as("the deadline of a call").isEqualTo(5);
    copy.setSocketTimeout(60);
    assertHasSettingsOf(plain, copy);
    assertThat(copy.getPassword()).isEqualTo("p&w=%");
    assertThat(plain.getSocketTimeout()).as("the application's is left as it is").isEqualTo(60);
    assertHasSettingsOf(plain, (PGSimpleDataSource) LaneDataSource.adapting(plain));
  }

  @Test
  void copyOfOneWithoutSettingsConnectsToWhereTheDriverDoes() {
    PGSimpleDataSource plain = new PGSimpleDataSource();
    PGSimpleDataSource copy = withTimeouts(plain);
    copy.setConnectTimeout(plain.getConnectTimeout());
    copy.setSocketTimeout(plain.getSocketTimeout());
    assertHasSettingsOf(plain, copy);
  }

  /** One whose passwords end after some minutes, for instance. */
  private static final class Renewing extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;
    final transient AtomicInteger connections = new AtomicInteger();

    @Override
    public Connection getConnection(@Nullable String user, @Nullable String password)
        throws SQLException {
      connections.incrementAndGet();
      return super.getConnection("postgres", password);
    }
  }

  @Test
  void oneThatExtendsTheDriversOpensEachConnectionItself() {
    Renewing renewing = new Renewing();
    renewing.setUrl(TestPostgres.url());
    renewing.setUser("nobody_of_that_name");
    String schema = TestPostgres.freshSchema(getClass());
    try (Howdah howdah = Howdah.builder(renewing).schema(schema).open()) {
      howdah.kv("ns", String.class).set("k", "v");
      int before = renewing.connections.get();
      assertThat(before).isGreaterThan(1);
      howdah.transaction(tx -> tx.kv("ns", String.class).set("k", "w"));
      assertThat(renewing.connections.get()).isGreaterThan(before);
    }
  }
}
