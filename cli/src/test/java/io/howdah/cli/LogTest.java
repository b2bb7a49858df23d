package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import io.howdah.server.DatabaseUrl;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The log as the program writes it. */
final class LogTest {
  @Test
  void passwordsAreMaskedWhateverIsLogged() throws Exception {
    var unused = DatabaseUrl.parse("jdbc:postgresql://h/d?user=u&password=open%20s3cret");
    String log =
        logged(
            "postgres://u:s3cret@h/d",
            "jdbc:postgresql://h/d?user=u&password=my s3cret",
            "FATAL: not 'open s3cret'");
    assertThat(log)
        .doesNotContain("s3cret")
        .contains("WARN  io.howdah.Some: postgres://u:****@h/d")
        .contains("java.lang.IllegalStateException: postgres://u:****@h/d")
        .contains("password=****")
        .contains("FATAL: not '****'")
        .contains("\tat " + LogTest.class.getName());
  }

  private static String logged(String... messages) throws Exception {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    try {
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(Main.class.getResource("/logback.xml"));
      context.start();
      for (String message : messages) {
        context.getLogger("io.howdah.Some").warn(message, new IllegalStateException(message));
      }
    } finally {
      context.stop();
      System.setErr(before);
    }
    return written.toString(StandardCharsets.UTF_8);
  }
}
