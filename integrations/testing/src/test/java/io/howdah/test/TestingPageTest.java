package io.howdah.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The samples of docs/testing.md compile and pass as they stand there. */
class TestingPageTest {
  /** What the samples test, in their words "your application". */
  private static final String APPLICATION =
      """
      package shop;

      import io.howdah.Howdah;
      import javax.sql.DataSource;
      import org.springframework.boot.SpringBootConfiguration;
      import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
      import org.springframework.context.annotation.Bean;

      @SpringBootConfiguration
      @EnableAutoConfiguration
      class Application {
        @Bean
        Howdah howdah(DataSource dataSource) {
          return Howdah.builder(dataSource).open();
        }
      }
      """;

  @TempDir Path folder;
  private final List<Path> sources = new ArrayList<>();

  @BeforeEach
  void compileSamples() throws IOException {
    String page = Files.readString(Path.of("..", "..", "docs", "testing.md"));
    Matcher block = Pattern.compile("```java\n(package shop;.*?)```", Pattern.DOTALL).matcher(page);
    while (block.find()) {
      Matcher name = Pattern.compile("\nclass (\\w+)").matcher(block.group(1));
      assertThat(name.find()).isTrue();
      write(name.group(1), block.group(1));
    }
    assertThat(sources).hasSize(2);
    write("Application", APPLICATION);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of(
                      "-proc:none",
                      "-d",
                      folder.toString(),
                      "-cp",
                      System.getProperty("java.class.path")),
                  null,
                  files.getJavaFileObjectsFromPaths(sources))
              .call();
      assertThat(compiled).as(messages.toString()).isTrue();
    }
  }

  private void write(String name, String text) throws IOException {
    sources.add(Files.writeString(folder.resolve(name + ".java"), text));
  }

  private void passes(String name, int tests) throws IOException, ClassNotFoundException {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      Thread.currentThread().setContextClassLoader(loader);
      EngineTestKit.engine("junit-jupiter")
          .selectors(selectClass(loader.loadClass(name)))
          .execute()
          .testEvents()
          .assertStatistics(stats -> stats.started(tests).succeeded(tests));
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  @Test
  void testOfAPlainApplicationPasses() throws Exception {
    passes("shop.CartTest", 3);
  }

  @Tag("full")
  @Test
  void testOfASpringBootApplicationPasses() throws Exception {
    passes("shop.LoginTest", 1);
  }
}
