package io.howdah.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.postgresql.util.DriverInfo;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.session.SessionRepository;

/** The versions of the drivers that were measured. */
public final class Libraries {

  private Libraries() {}

  /** The versions by name, as the libraries' own files state them. */
  public static Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("lettuce", version("io.lettuce", "lettuce-core"));
    versions.put("jedis", version("redis.clients", "jedis"));
    versions.put("pgjdbc", DriverInfo.DRIVER_VERSION);
    versions.put("hikaricp", version("com.zaxxer", "HikariCP"));
    return versions;
  }

  /** The versions of what caches are measured with. */
  public static Map<String, String> caches() {
    Map<String, String> versions = versions();
    versions.remove("jedis");
    return versions;
  }

  /** The versions of what rate limits are measured with. */
  public static Map<String, String> rateLimiters() {
    Map<String, String> versions = versions();
    versions.remove("jedis");
    versions.put("bucket4j", version("com.bucket4j", "bucket4j_jdk17-postgresql"));
    return versions;
  }

  /** The versions of what sessions are measured with. */
  public static Map<String, String> sessions() {
    Map<String, String> versions = versions();
    versions.remove("jedis");
    versions.put("spring-session", implementation(SessionRepository.class));
    versions.put("spring-data-redis", implementation(RedisTemplate.class));
    versions.put("spring-jdbc", implementation(JdbcTemplate.class));
    return versions;
  }

  /** The versions of what Spring's parts are measured with. */
  public static Map<String, String> spring() {
    Map<String, String> versions = sessions();
    versions.put("spring-context", implementation(Cacheable.class));
    return versions;
  }

  /** Spring's jars have no file of Maven's, but name their version in the manifest. */
  private static String implementation(Class<?> type) {
    String version = type.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  /** The versions of what jobs are measured with. */
  public static Map<String, String> jobs() {
    Map<String, String> versions = new LinkedHashMap<>(postgresDriver());
    versions.put("hikaricp", version("com.zaxxer", "HikariCP"));
    versions.put("db-scheduler", version("com.github.kagkarlsson", "db-scheduler"));
    versions.put("jobrunr", implementation(JobRequestScheduler.class));
    return versions;
  }

  /** The version of the Postgres driver alone. */
  public static Map<String, String> postgresDriver() {
    return Map.of("pgjdbc", DriverInfo.DRIVER_VERSION);
  }

  /** Asked of Maven's file in the library, because not every one of them has a constant for it. */
  private static String version(String group, String artifact) {
    String resource = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
    try (InputStream stream = Libraries.class.getResourceAsStream(resource)) {
      Properties properties = new Properties();
      if (stream != null) {
        properties.load(stream);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
