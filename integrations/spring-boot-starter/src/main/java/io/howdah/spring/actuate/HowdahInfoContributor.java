package io.howdah.spring.actuate;

import io.howdah.Howdah;
import io.howdah.schema.Migrator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/** Which library this is, and which version of the schema it makes. Asks no database. */
final class HowdahInfoContributor implements InfoContributor {
  private static final String BUILD = "/META-INF/maven/io.howdah/howdah-core/pom.properties";

  private final String schema;

  HowdahInfoContributor(String schema) {
    this.schema = schema;
  }

  @Override
  public void contribute(Info.Builder builder) {
    builder.withDetail(
        "howdah",
        Map.of("version", version(), "schema", schema, "schemaVersion", Migrator.VERSION));
  }

  /** Maven writes it into the jar; classes that are run as they were compiled have none. */
  private static String version() {
    try (InputStream in = Howdah.class.getResourceAsStream(BUILD)) {
      if (in == null) {
        return "development";
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", "development");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
