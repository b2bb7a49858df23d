package io.howdah.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.TestPostgres;
import java.io.StringWriter;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java sample compiles and runs as it stands there. */
class ReadmeSampleTest {
  @TempDir Path folder;

  @Test
  void sampleOfTheReadmeCompilesAndRuns() throws Exception {
    Path readme = Path.of("..", "README.md");
    Matcher block =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(readme));
    assertThat(block.find()).isTrue();
    String sample = block.group(1);
    assertThat(sample).contains("jdbc:postgresql://localhost/app");
    Path source = folder.resolve("Sample.java");
    Files.writeString(source, sample.replace("jdbc:postgresql://localhost/app", freshDatabase()));

    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path")),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      assertThat(compiled).as(messages.toString()).isTrue();
    }
    try (URLClassLoader loader =
        new URLClassLoader(
            new java.net.URL[] {URI.create(folder.toUri().toString()).toURL()},
            getClass().getClassLoader())) {
      loader
          .loadClass("Sample")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    }
  }

  /** A database of its own: the sample uses the schema that everybody gets by default. */
  private static String freshDatabase() throws Exception {
    String name = "readme_" + System.nanoTime();
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    return TestPostgres.url().replaceFirst("/postgres\\?", "/" + name + "?");
  }
}
