package io.howdah.testing;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One embedded Postgres for all the test runs of {@code ./check}, which starts and stops it. */
public final class SharedPostgres {
  private SharedPostgres() {}

  /**
   * Starts the server, writes its JDBC URL to the file named by the first argument, and stops the
   * server when standard input ends, which it also does when the parent is killed.
   */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    try (EmbeddedPostgres postgres = TestPostgres.start()) {
      Path partial = file.resolveSibling(file.getFileName() + ".partial");
      Files.writeString(partial, TestPostgres.url(postgres));
      Files.move(partial, file, ATOMIC_MOVE);
      while (System.in.read() >= 0) {
        // what is typed there has no meaning
      }
    }
  }
}
