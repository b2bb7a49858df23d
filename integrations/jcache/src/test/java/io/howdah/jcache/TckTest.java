package io.howdah.jcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The TCK's tests run before this one, as those of a dependency (see pom.xml). A filter with {@code
 * -Dtest=!...} lets all classes in, so that it has to leave out what is no test by its name.
 */
class TckTest {
  private static final int TESTS = 479;

  /** A filter that does not fit runs nothing, and nothing fails. */
  @Test
  void wholeTckHasRun() {
    String filter = System.getProperty("test", "");
    boolean filtered =
        Arrays.stream(filter.split(",", -1))
            .anyMatch(part -> !part.isBlank() && !part.startsWith("!"));
    Assumptions.assumeFalse(filtered, "only some tests run: -Dtest=" + filter);
    assertThat(TckSession.RAN).hasValue(TESTS);
  }
}
