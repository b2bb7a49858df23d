package io.howdah.cli;

import io.howdah.schema.Migrator;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says. */
final class Version implements IVersionProvider {
  private static final String BUILD = "/META-INF/maven/io.howdah/howdah-cli/pom.properties";

  @Override
  public String[] getVersion() throws IOException {
    return new String[] {
      "howdah "
          + build()
          + " (schema version "
          + Migrator.VERSION
          + ", Java "
          + Runtime.version().feature()
          + ")"
    };
  }

  /** Maven writes it into the jar; classes that are run as they were compiled have none. */
  private static String build() throws IOException {
    try (InputStream in = Version.class.getResourceAsStream(BUILD)) {
      if (in == null) {
        return "development";
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", "development");
    }
  }
}
