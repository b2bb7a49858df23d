package io.howdah.engine;

import com.zaxxer.hikari.HikariDataSource;
import io.howdah.InvalidArgumentException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what the application's pool opens its connections with, so that the engine's lanes are not
 * taken from the pool.
 */
public final class LaneDataSource {
  private static final Logger LOG = LoggerFactory.getLogger(LaneDataSource.class);

  private LaneDataSource() {}

  /**
   * A data source that opens a new connection each time, with the settings of this one.
   *
   * @throws InvalidArgumentException when it is the pool of another database
   */
  public static DataSource unwrap(DataSource dataSource) {
    try {
      if (dataSource.isWrapperFor(HikariDataSource.class)) {
        return beneath(dataSource.unwrap(HikariDataSource.class));
      }
      if (dataSource.isWrapperFor(PGSimpleDataSource.class)) {
        return dataSource.unwrap(PGSimpleDataSource.class);
      }
    } catch (SQLException e) {
      LOG.debug("{} does not say what it wraps", dataSource, e);
    }
    LOG.info(
        "the lanes use {} as it is; if it is a pool, open Howdah with a plain data source, so that the lanes do not hold its connections",
        dataSource.getClass().getName());
    return dataSource;
  }

  /**
   * A host that does not answer must not keep a call much longer than its deadline. Once the
   * connection is open, the watch sees to that.
   */
  public static DataSource withTimeouts(DataSource dataSource, Duration callTimeout) {
    if (!isPlain(dataSource)) {
      return dataSource;
    }
    int seconds = (int) Math.max(1, callTimeout.toSeconds());
    PGSimpleDataSource copy = copy((PGSimpleDataSource) dataSource, new PGSimpleDataSource());
    copy.setConnectTimeout(shorter(copy.getConnectTimeout(), seconds));
    copy.setSocketTimeout(shorter(copy.getSocketTimeout(), seconds));
    return copy;
  }

  /** Whether settings are all there is to it: one that extends it may do more when it connects. */
  private static boolean isPlain(DataSource dataSource) {
    return dataSource.getClass() == PGSimpleDataSource.class;
  }

  /** The driver's own way is serialization, whose classes take a start their time to load. */
  private static PGSimpleDataSource copy(PGSimpleDataSource from, PGSimpleDataSource to) {
    to.setServerNames(from.getServerNames());
    to.setPortNumbers(from.getPortNumbers());
    to.setDatabaseName(from.getDatabaseName());
    to.setUser(from.getUser());
    to.setPassword(from.getPassword());
    for (PGProperty property : PGProperty.values()) {
      String value = from.getProperty(property);
      if (value != null && !value.equals(property.getDefaultValue())) {
        to.setProperty(property, value);
      }
    }
    return to;
  }

  /**
   * The same, whose connections prepare no statements behind a pooler, unless the data source says
   * that it knows them: transactions prepare at least their COMMIT.
   */
  public static DataSource adapting(DataSource dataSource) {
    return isPlain(dataSource) ? copy((PGSimpleDataSource) dataSource, new Adapting()) : dataSource;
  }

  private static final class Adapting extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;

    @Override
    public Connection getConnection(@Nullable String user, @Nullable String password)
        throws SQLException {
      Connection connection = super.getConnection(user, password);
      try {
        Connector.adapt(connection);
        return connection;
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    }
  }

  /** Of two timeouts in seconds, of which the first may be 0 for none. */
  private static int shorter(int own, int limit) {
    return own == 0 ? limit : Math.min(own, limit);
  }

  private static void setUrl(PGSimpleDataSource plain, String url) {
    try {
      plain.setUrl(url);
    } catch (IllegalArgumentException e) {
      // Neither the URL nor its exception: there may be a password in it.
      String database = url.replaceFirst("^((?:jdbc:)?[A-Za-z0-9_]*).*", "$1");
      throw new InvalidArgumentException(
          "dataSource",
          "dataSource: a pool at jdbc:postgresql://... expected, got one at " + database + ":...");
    }
  }

  private static DataSource beneath(HikariDataSource pool) {
    DataSource own = pool.getDataSource();
    if (own != null) {
      return unwrap(own);
    }
    PGSimpleDataSource plain = new PGSimpleDataSource();
    String url = pool.getJdbcUrl();
    if (url != null) {
      setUrl(plain, url);
    }
    Properties properties = pool.getDataSourceProperties();
    for (String name : properties.stringPropertyNames()) {
      try {
        plain.setProperty(name, properties.getProperty(name));
      } catch (SQLException e) {
        throw new IllegalArgumentException(
            "the pool's property " + name + " is none of the Postgres driver", e);
      }
    }
    if (pool.getUsername() != null) {
      plain.setUser(pool.getUsername());
    }
    if (pool.getPassword() != null) {
      plain.setPassword(pool.getPassword());
    }
    return plain;
  }
}
