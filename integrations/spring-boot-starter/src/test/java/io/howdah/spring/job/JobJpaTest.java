package io.howdah.spring.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.job.JobContext;
import io.howdah.job.JobState;
import io.howdah.spring.Applications;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A job whose handler uses JPA is completed in the transaction of its entities. */
@Timeout(180)
@Tag("full")
class JobJpaTest {
  @Entity(name = "JobEffect")
  static class Effect {
    @Id private String name = "";

    protected Effect() {}

    Effect(String name) {
      this.name = name;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static class Handlers {
    private final EntityManager entities;

    Handlers(EntityManager entities) {
      this.entities = entities;
    }

    @JobHandler(value = "jpa", transactional = true)
    void handle(String name, JobContext<String> job) throws IOException {
      entities.persist(new Effect(name + job.attempt()));
      entities.flush();
      if (job.attempt() == 1) {
        throw new IOException("the first attempt fails");
      }
    }
  }

  @Configuration
  @EnableAutoConfiguration
  @EntityScan(basePackageClasses = JobJpaTest.class)
  static class Application {
    @Bean
    Handlers handlers(EntityManager entities) {
      return new Handlers(entities);
    }
  }

  @Test
  void entitiesAndTheJobAreCommittedTogetherOrNotAtAll() {
    String schema = TestPostgres.freshSchema(getClass());
    try (ConfigurableApplicationContext context =
        Applications.start(
            schema,
            Application.class,
            "spring.autoconfigure.exclude=",
            "spring.jpa.open-in-view=false",
            "spring.jpa.hibernate.ddl-auto=create",
            "spring.jpa.properties.hibernate.default_schema=" + schema,
            "spring.jpa.properties.hibernate.hbm2ddl.create_namespaces=true",
            "howdah.job.backoff-first=10ms")) {
      Howdah howdah = context.getBean(Howdah.class);
      long id = howdah.jobs("jpa").enqueue("attempt");
      Eventually.holds(
          "it is completed",
          () -> howdah.jobs().get(id).orElseThrow().state() == JobState.COMPLETED);
      assertThat(
              context
                  .getBean(JdbcClient.class)
                  .sql("SELECT name FROM " + schema + ".job_effect")
                  .query(String.class)
                  .list())
          .containsExactly("attempt2");
    }
  }
}
