package io.howdah.spring;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of a Spring Boot application.
 *
 * @param schema of Howdah's tables and functions
 */
@ConfigurationProperties("howdah")
public record HowdahProperties(@DefaultValue("howdah") String schema) {}
