package io.howdah.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
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

/** The samples in the docs. */
public final class Samples {
  private static final String DATABASE = "jdbc:postgresql://localhost/app";

  private Samples() {}

  /**
   * Compiles the first Java block of a page, a class {@code Sample}, and runs it, on a database of
   * its own: the sample uses the schema that everybody gets by default.
   *
   * @param folder an empty one
   */
  public static void compileAndRun(Path page, Path folder) throws Exception {
    Matcher block =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(page));
    assertThat(block.find()).isTrue();
    String sample = block.group(1);
    assertThat(sample).contains(DATABASE);
    Path source = folder.resolve("Sample.java");
    Files.writeString(source, sample.replace(DATABASE, freshDatabase()));

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
            new URL[] {URI.create(folder.toUri().toString()).toURL()},
            Samples.class.getClassLoader())) {
      loader
          .loadClass("Sample")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    }
  }

  private static String freshDatabase() throws Exception {
    String name = "readme_" + System.nanoTime();
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    return TestPostgres.url().replaceFirst("/postgres\\?", "/" + name + "?");
  }
}
