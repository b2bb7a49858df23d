package io.howdah.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** An application that starts, asks its database for something, says so, and ends. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class StartupApplication {
  static final String READY = "ready";

  public static void main(String[] args) {
    SpringApplication application = new SpringApplication(StartupApplication.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    try (var context = application.run(args)) {
      int one = context.getBean(JdbcClient.class).sql("SELECT 1").query(Integer.class).single();
      assert one == 1;
      System.out.println(READY);
    }
  }
}
