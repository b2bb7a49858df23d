package io.howdah.spring;

import io.howdah.testing.TestPostgres;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts applications on the Postgres of the tests; several on one schema are a cluster. */
public final class Applications {
  private Applications() {}

  /** One without a web server; properties are as {@code name=value}. */
  public static ConfigurableApplicationContext start(
      String schema, Class<?> configuration, String... properties) {
    return start(WebApplicationType.NONE, schema, configuration, properties);
  }

  /** One with a web server, on a free port. */
  public static ConfigurableApplicationContext startWeb(
      String schema, Class<?> configuration, String... properties) {
    return start(WebApplicationType.SERVLET, schema, configuration, properties);
  }

  private static ConfigurableApplicationContext start(
      WebApplicationType type, String schema, Class<?> configuration, String... properties) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("spring.datasource.url", TestPostgres.url());
    all.put("spring.datasource.hikari.maximum-pool-size", "4");
    all.put("spring.main.banner-mode", "off");
    all.put("howdah.schema", schema);
    all.put("server.port", "0");
    // It would need two connections of pools that have one.
    all.put("spring.flyway.enabled", "false");
    // Whoever wants JPA says so; the others do not wait for it.
    all.put(
        "spring.autoconfigure.exclude",
        "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
            + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration");
    for (String property : properties) {
      int equals = property.indexOf('=');
      all.put(property.substring(0, equals), property.substring(equals + 1));
    }
    return new SpringApplicationBuilder(configuration)
        .web(type)
        .run(
            all.entrySet().stream()
                .map(one -> "--" + one.getKey() + "=" + one.getValue())
                .toArray(String[]::new));
  }
}
