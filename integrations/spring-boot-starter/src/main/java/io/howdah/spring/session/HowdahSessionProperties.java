package io.howdah.spring.session;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.session.FlushMode;
import org.springframework.session.SaveMode;

/**
 * How the sessions of Spring Session are kept. How long one lives without being used is {@code
 * spring.session.timeout}, else {@code server.servlet.session.timeout}.
 *
 * @param enabled whether sessions are kept by Howdah
 * @param lifetime how long a session lives at most, however much it is used; at least as long as
 *     without being used
 * @param flushMode when changes are written: at the end of the request, or each at once
 * @param saveMode which attributes are written: those that were set, those that were got as well,
 *     or all
 * @param allowedTypes classes, and packages with those below them, that attributes may have,
 *     besides the application's own packages, the value types of the JDK, and those of Spring
 *     Security
 * @param fallback what becomes of an attribute that cannot be JSON
 * @param events whether it is told what happens to sessions
 */
@ConfigurationProperties("howdah.session")
public record HowdahSessionProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("30d") Duration lifetime,
    @DefaultValue("on-save") FlushMode flushMode,
    @DefaultValue("on-set-attribute") SaveMode saveMode,
    @DefaultValue List<String> allowedTypes,
    @DefaultValue("none") Fallback fallback,
    @DefaultValue Events events) {

  /** What becomes of an attribute that cannot be JSON. */
  public enum Fallback {
    /** Saving the session fails, and says which attribute it is. */
    NONE,
    /** It is serialized by Java; its classes have to be allowed as well. */
    JAVA
  }

  /**
   * Events of sessions.
   *
   * @param enabled whether Spring Session's events are published in this process
   * @param keepFor for how long they can be fetched by a process that was away
   */
  public record Events(
      @DefaultValue("false") boolean enabled, @DefaultValue("1h") Duration keepFor) {}
}
