package io.howdah.test.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Import;

/**
 * Gives a Spring Boot application under test a database of its own on the {@linkplain
 * io.howdah.test.HowdahPostgres#shared shared} Postgres, whatever {@code spring.datasource} says:
 * one for each application context, dropped when that is closed. On a test class or a
 * configuration.
 *
 * <p>It is what Boot's own {@code @ServiceConnection} does for containers. Beside it there is a
 * bean {@link io.howdah.test.HowdahTesting} for the application's Howdah, whose calls fail no more
 * after each test.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@Import({HowdahConnectionConfiguration.class, HowdahTestingConfiguration.class})
public @interface HowdahServiceConnection {}
