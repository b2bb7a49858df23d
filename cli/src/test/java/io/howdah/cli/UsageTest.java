package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.OptionSpec;

final class UsageTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "serve",
        "migrate",
        "import",
        "doctor",
        "pgbouncer",
        "bench",
        "bench kv",
        "bench reality",
        "bench scale",
        "bench page",
        "bench session",
        "bench ratelimit",
        "bench cache",
        "bench spring",
        "bench flags",
        "bench near",
        "bench channels",
        "bench functions",
        "bench churn",
        "bench neighbour",
        "bench expiry"
      })
  void everyCommandExplainsItself(String command) {
    CommandRun help = CommandRun.of((command + " --help").strip().split(" "));
    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).startsWith("Usage: howdah");
    assertThat(help.err()).isEmpty();
  }

  @Test
  void theVersionIsSaid() {
    assertThat(CommandRun.of("--version").out())
        .matches("howdah \\S+ \\(schema version \\d+, Java \\d+\\)\\s+");
  }

  @Test
  void everyOptionOfServeNamesItsVariable() {
    for (OptionSpec option :
        Main.commandLine().getSubcommands().get("serve").getCommandSpec().options()) {
      if (!option.inherited() && !option.usageHelp() && !option.versionHelp()) {
        String variable =
            "HOWDAH_"
                + option.longestName().substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
        assertThat(option.description()[0]).contains("(" + variable + ")");
      }
    }
  }

  @Test
  void mistakesAreALineAndExitCode2() {
    for (List<String> args :
        List.of(
            List.<String>of(),
            List.of("nothing"),
            List.of("serve", "--nothing"),
            List.of("serve", "--http-port", "x"),
            List.of("serve", "--http-port", "70000"),
            List.of("serve", "--http-host", "0.0.0.0"),
            List.of("serve", "--lanes", "0"),
            List.of("serve", "--call-timeout", "soon"),
            List.of("serve", "--schema", "Bad Name"),
            List.of("serve", "--schema-mode", "maybe"),
            List.of("serve", "--database-url", "http://x"),
            List.of("serve", "--database-url", "jdbc:postgresql://h/d", "--data", "x"),
            List.of("serve", "--database-url", "jdbc:postgresql://h/d", "--postgres-port", "1"),
            List.of("migrate"),
            List.of("migrate", "--database-url", "x"),
            List.of("doctor"),
            List.of("doctor", "--database-url", "x"),
            List.of("doctor", "--database-url", "jdbc:postgresql://h/d", "--instances", "0"),
            List.of("doctor", "--database-url", "jdbc:postgresql://h/d", "--lanes", "0"),
            List.of("doctor", "--database-url", "jdbc:postgresql://h/d", "--pool-size", "-1"),
            List.of("doctor", "--database-url", "jdbc:postgresql://h/d", "--long-transaction", "x"),
            List.of("doctor", "--database-url", "jdbc:postgresql://h/d", "--schema", "Bad Name"),
            List.of("pgbouncer"),
            List.of("pgbouncer", "--connections", "10"),
            List.of("pgbouncer", "--database-url", "jdbc:postgresql://h/d"),
            List.of("pgbouncer", "--database-url", "x", "--connections", "10"),
            pgbouncer("--connections", "0"),
            pgbouncer("--connections", "1", "--server-connections", "0"),
            pgbouncer("--connections", "1", "--listen-port", "70000"),
            pgbouncer("--connections", "1", "--listen-address", "a\nb"),
            pgbouncer("--connections", "1", "--pgbouncer-version", "new"),
            pgbouncer("--connections", "1", "--pgbouncer-version", "1.13"),
            List.of("import"),
            List.of("import", "f", "--namespace", "n"),
            List.of("import", "-", "--namespace", "n", "--key", "k", "--batch", "0"),
            List.of("import", "-", "--namespace", "n", "--key", "k", "--ttl", "0s"),
            List.of("import", "-", "--namespace", "n", "--key", "k", "--ttl", "soon"),
            List.of("import", "/etc/hostname", "--namespace", "n", "--key", "k"))) {
      CommandRun run = CommandRun.of(args.toArray(String[]::new));
      assertThat(run.exitCode()).as(args + run.err()).isEqualTo(2);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).startsWith("howdah: ").doesNotContain("\tat ");
    }
  }

  private static List<String> pgbouncer(String... options) {
    return Stream.concat(
            Stream.of("pgbouncer", "--database-url", "jdbc:postgresql://h/d"), Stream.of(options))
        .toList();
  }

  @Test
  void mistakesAreNamedByTheOption() {
    assertThat(CommandRun.of("serve", "--call-timeout", "1ms").err()).contains("--call-timeout: ");
    assertThat(CommandRun.of("serve", "--http-port", "70000").err()).contains("--http-port: ");
  }
}
