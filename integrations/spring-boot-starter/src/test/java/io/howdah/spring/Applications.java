package io.howdah.spring;

import io.howdah.testing.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts applications on the Postgres of the tests; several on one schema are a cluster. */
public final class Applications {
  private Applications() {}

  /** One without a web server. */
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
    List<String> arguments = new ArrayList<>();
    arguments.add("--spring.datasource.url=" + TestPostgres.url());
    arguments.add("--spring.datasource.hikari.maximum-pool-size=4");
    arguments.add("--spring.jmx.enabled=false");
    arguments.add("--spring.main.banner-mode=off");
    arguments.add("--howdah.schema=" + schema);
    arguments.add("--server.port=0");
    for (String property : properties) {
      arguments.add("--" + property);
    }
    return new SpringApplicationBuilder(configuration)
        .web(type)
        .run(arguments.toArray(String[]::new));
  }
}
