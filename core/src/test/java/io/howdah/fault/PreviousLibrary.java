package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The core of Howdah as it was when the schema had its previous version, compiled from its sources.
 * They are kept as {@code git archive} made them, with the commit in the comment of the file; when
 * the schema gets another version, this makes them anew from the last commit before:
 *
 * <pre>{@code
 * git archive --format=zip -9 -o core/src/test/resources/io/howdah/fault/previous-core.zip COMMIT core/src/main
 * }</pre>
 */
final class PreviousLibrary {
  private static final String SOURCES = "previous-core.zip";
  private static final String JAVA = "core/src/main/java/";
  private static final String RESOURCES = "core/src/main/resources/";
  private static final Pattern VERSION = Pattern.compile("int VERSION = (\\d+);");

  private final Path folder;

  private PreviousLibrary(Path folder) {
    this.folder = folder;
  }

  /** Compiles it into a folder. */
  static PreviousLibrary compile(Path folder) throws IOException {
    PreviousLibrary library = new PreviousLibrary(folder);
    library.unpack();
    library.compile();
    return library;
  }

  private Path sources() {
    return folder.resolve("sources");
  }

  private Path classes() {
    return folder.resolve("classes");
  }

  private void unpack() throws IOException {
    try (InputStream in = PreviousLibrary.class.getResourceAsStream(SOURCES);
        ZipInputStream zip = new ZipInputStream(in)) {
      ZipEntry entry;
      while ((entry = zip.getNextEntry()) != null) {
        String name = entry.getName();
        if (entry.isDirectory()) {
          continue;
        }
        Path file =
            name.startsWith(JAVA)
                ? sources().resolve(name.substring(JAVA.length()))
                : classes().resolve(name.substring(RESOURCES.length()));
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
  }

  private void compile() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        Stream<Path> sources = Files.walk(sources())) {
      List<Path> javas = sources.filter(file -> file.toString().endsWith(".java")).toList();
      boolean compiled =
          compiler
              .getTask(
                  null,
                  files,
                  null,
                  List.of(
                      "-d",
                      classes().toString(),
                      "-cp",
                      String.join(File.pathSeparator, others()),
                      "-proc:none",
                      "-nowarn",
                      "-XDsuppressNotes"),
                  null,
                  files.getJavaFileObjectsFromPaths(javas))
              .call();
      assertThat(compiled).as("the previous library compiles").isTrue();
    }
  }

  /** The class path of the tests without the present library. */
  private static List<String> others() {
    try {
      Path present =
          Path.of(Howdah.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      List<String> others = new ArrayList<>();
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        if (!Path.of(entry).toAbsolutePath().equals(present.toAbsolutePath())) {
          others.add(entry);
        }
      }
      return others;
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** With the tests and all that they need, but the library as it was. */
  List<String> classPath() {
    List<String> classPath = new ArrayList<>(List.of(classes().toString()));
    classPath.addAll(others());
    return classPath;
  }

  /** The version of the schema that it makes. */
  int schemaVersion() {
    try {
      String migrator = Files.readString(sources().resolve("io/howdah/schema/Migrator.java"));
      Matcher version = VERSION.matcher(migrator);
      assertThat(version.find()).isTrue();
      return Integer.parseInt(version.group(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
