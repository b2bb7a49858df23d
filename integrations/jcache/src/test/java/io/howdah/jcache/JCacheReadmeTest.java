package io.howdah.jcache;

import io.howdah.testing.Samples;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's sample compiles and runs as it stands there. */
class JCacheReadmeTest {
  @TempDir Path folder;

  @Test
  void sampleOfTheReadmeCompilesAndRuns() throws Exception {
    Samples.compileAndRun(Path.of("README.md"), folder);
  }
}
