package io.howdah.bucket4j;

import io.howdah.testing.Samples;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's sample compiles and runs as it stands there. */
class Bucket4jReadmeTest {
  @TempDir Path folder;

  @Test
  void sampleOfTheReadmeCompilesAndRuns() throws Exception {
    Samples.compileAndRun(Path.of("README.md"), folder);
  }
}
