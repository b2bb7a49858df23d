package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HowdahPropertiesTest {
  private static final List<RecordComponent> COMPONENTS =
      List.of(HowdahProperties.class.getRecordComponents());

  private static String property(RecordComponent component) {
    return "howdah." + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /** By name. */
  private static Map<String, JsonNode> metadata() throws IOException {
    Map<String, JsonNode> properties = new TreeMap<>();
    try (InputStream in =
        HowdahProperties.class.getResourceAsStream(
            "/META-INF/spring-configuration-metadata.json")) {
      JsonNode all = JsonMapper.shared().readTree(Objects.requireNonNull(in));
      all.get("properties").forEach(one -> properties.put(one.get("name").asString(), one));
    }
    return properties;
  }

  @Test
  void metadataDescribesEachProperty() throws IOException {
    Map<String, JsonNode> metadata = metadata();
    for (RecordComponent component : COMPONENTS) {
      JsonNode one = metadata.get(property(component));
      assertThat(one).as(property(component)).isNotNull();
      assertThat(one.path("description").asString(""))
          .as(property(component))
          .matches("[A-Z].*\\.");
      // what the library does where nothing is said depends on what it finds
      if (!List.of("listenUrl", "lanes").contains(component.getName())) {
        assertThat(one.has("defaultValue")).as(property(component)).isTrue();
      }
    }
  }

  @Test
  void metadataDescribesThePropertiesOfAllFeatures() throws IOException {
    metadata()
        .forEach(
            (name, one) -> assertThat(one.path("description").asString("")).as(name).isNotBlank());
  }

  @Test
  void pageNamesEachPropertyWithItsDefault() throws IOException {
    String page = Files.readString(Path.of("../../docs/spring-boot.md"));
    for (RecordComponent component : COMPONENTS) {
      DefaultValue value =
          Stream.of(HowdahProperties.class.getDeclaredConstructors())
              .filter(constructor -> constructor.getParameterCount() == COMPONENTS.size())
              .findFirst()
              .orElseThrow()
              .getParameters()[COMPONENTS.indexOf(component)]
              .getAnnotation(DefaultValue.class);
      assertThat(page)
          .contains(
              "| `"
                  + property(component)
                  + "` | "
                  + (value == null ? "" : "`" + value.value()[0] + "` "));
    }
  }

  @Test
  void pagesAboutMovingNamePropertiesThatAreThere() throws IOException {
    Set<String> known = metadata().keySet();
    Pattern property = Pattern.compile("(?m)^\\+(howdah\\.[a-z0-9.-]+)=");
    List<String> named = new ArrayList<>();
    try (Stream<Path> pages = Files.list(Path.of("../../docs/migrate"))) {
      for (Path page : pages.toList()) {
        property.matcher(Files.readString(page)).results().forEach(one -> named.add(one.group(1)));
      }
    }
    assertThat(named)
        .contains("howdah.lock.prefix", "howdah.lock.ttl")
        // Below a property that is a map are names of the application's.
        .allMatch(
            name -> known.stream().anyMatch(one -> name.equals(one) || name.startsWith(one + ".")));
  }

  @Test
  void textOfThePropertiesHasNoSecret() {
    HowdahProperties properties =
        new Binder(
                new MapConfigurationPropertySource(
                    Map.of("howdah.listen-url", "jdbc:postgresql://db/app?password=hunter2")))
            .bind("howdah", HowdahProperties.class)
            .get();
    assertThat(properties.listenUrl()).contains("hunter2");
    assertThat(properties.toString()).contains("schema=howdah").doesNotContain("hunter2");
  }
}
