package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Codec;
import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.TypeRef;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.NamespaceSettings;
import io.howdah.testing.TestPostgres;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImportCommandTest {
  private static final String SCHEMA = TestPostgres.freshSchema(ImportCommandTest.class);
  private static Howdah howdah;
  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    howdah = Howdah.builder(TestPostgres.url()).schema(SCHEMA).open();
  }

  @AfterAll
  static void close() {
    howdah.close();
  }

  private static String[] args(Object file, String namespace, String key, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "import",
                file.toString(),
                "--namespace",
                namespace,
                "--key",
                key,
                "--database-url",
                TestPostgres.url(),
                "--schema",
                SCHEMA));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  private static CommandRun run(Object file, String namespace, String key, String... more) {
    return CommandRun.of(args(file, namespace, key, more));
  }

  private Path file(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines));
  }

  private static KeyValueStore<Map<String, Object>> maps(String namespace) {
    return howdah.kv(namespace, new TypeRef<Map<String, Object>>() {});
  }

  @Test
  void ndjsonIsStoredUnderItsKeys() throws IOException {
    Path file =
        file(
            "a.ndjson",
            "\uFEFF{\"id\":\"a\",\"n\":1}",
            "",
            "  {\"n\":2, \"id\":\"ключ\"}\r",
            "{\"id\":42}",
            "{\"id\":\"a\",\"n\":3}",
            "{\"id\":1.50}");
    CommandRun run = run(file, "nd", "id");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("nd: 5 records, 5 stored, 0 rejected; ").contains("records/s");
    assertThat(maps("nd").get("a")).contains(Map.of("id", "a", "n", 3));
    assertThat(maps("nd").get("ключ")).contains(Map.of("id", "ключ", "n", 2));
    assertThat(maps("nd").exists("42")).isTrue();
    assertThat(maps("nd").exists("1.50")).isTrue();
    assertThat(maps("nd").count("")).isEqualTo(4);
  }

  @Test
  void csvRowsBecomeObjectsOfStrings() throws IOException {
    Path file =
        file(
            "a.csv",
            "\uFEFFid,name,note",
            "1,\"Doe, Jane\",\"two",
            "lines and \"\"quotes\"\"\"",
            "",
            "2,ключ,",
            "3,short",
            "4,a,b,too many",
            ",no key,");
    CommandRun run = run(file, "csv", "id");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out())
        .startsWith("csv: 5 records, 2 stored, 3 rejected")
        .contains(
            "2: another number of fields than the header (line 6, 7); the first: 2 fields, the header has 3")
        .contains("1: key: 1 to 1024 bytes expected (line 8)");
    assertThat(maps("csv").get("1"))
        .contains(Map.of("id", "1", "name", "Doe, Jane", "note", "two\nlines and \"quotes\""));
    assertThat(maps("csv").get("2")).contains(Map.of("id", "2", "name", "ключ", "note", ""));
    assertThat(maps("csv").count("")).isEqualTo(2);
  }

  @Test
  void badRecordsAreRejectedAndTheOthersStored() throws IOException {
    Path file =
        file(
            "bad.ndjson",
            "{\"id\":\"good1\"}",
            "{\"id\":",
            "{\"name\":\"x\"}",
            "{\"id\":null}",
            "{\"id\":{\"a\":1}}",
            "[1]",
            "{\"id\":\"x\"} {\"id\":\"y\"}",
            "{\"id\":\"" + "k".repeat(1_025) + "\"}",
            "{\"id\":\"\"}",
            "{\"id\":\"z\",\"t\":\"\\u0000\"}",
            "{\"id\":\"z\\u0000\"}",
            "{\"id\":\"s\",\"t\":\"\\ud800\"}",
            "{\"id\":\"huge\",\"n\":1e999999}",
            "{\"id\":\"good2\"}");
    Files.write(
        file,
        new byte[] {'\n', '{', '"', 'i', 'd', '"', ':', '"', (byte) 0xFF, '"', '}'},
        java.nio.file.StandardOpenOption.APPEND);
    Path rejected = folder.resolve("rejected.ndjson");
    CommandRun run = run(file, "bad", "id", "--rejected", rejected.toString(), "--batch", "5");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out())
        .startsWith("bad: 15 records, 2 stored, 13 rejected")
        .contains("malformed JSON (line 2)")
        .contains("no field 'id' (line 3)")
        .contains("2: the field 'id' is neither a string nor a number (line 4, 5)")
        .contains("not a JSON object (line 6)")
        .contains("more than one JSON value in a line (line 7)")
        .contains(
            "2: key: 1 to 1024 bytes expected (line 8, 9); the first: key: 1 to 1024 bytes expected, got 1025")
        .contains("not UTF-8 (line 15)");
    assertThat(Files.readAllLines(rejected))
        .hasSize(13)
        .allMatch(line -> line.startsWith("{\"line\":") && line.contains("\"reason\":"));
    assertThat(howdah.kv("bad", Codec.rawJson()).scan("").map(row -> row.key()))
        .containsExactly("good1", "good2");
  }

  @Test
  void csvRowsThatAreNotUtf8AreRejectedAndTheOthersStored() throws IOException {
    byte[] text =
        "id,name\n1,good\n2,caf\u00E9\n\u00E9,key\n\"4\",\"q\u00E9\nq\"\n5,last\n"
            .getBytes(StandardCharsets.ISO_8859_1);
    Path file = Files.write(folder.resolve("latin1.csv"), text);
    // The replacement itself, and a pair whose second half is like what marks bad bytes.
    Files.writeString(file, "6,\uFFFD \uD800\uDFFF\n", java.nio.file.StandardOpenOption.APPEND);
    Path rejected = folder.resolve("rejected.ndjson");
    CommandRun run = run(file, "latin1", "id", "--rejected", rejected.toString());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
    assertThat(run.out())
        .startsWith("latin1: 6 records, 3 stored, 3 rejected")
        .contains("3: not UTF-8 (line 3, 4, 5)");
    assertThat(Files.readAllLines(rejected)).hasSize(3).first().asString().contains("caf\uFFFD");
    assertThat(howdah.kv("latin1", Codec.rawJson()).scan("").map(row -> row.key()))
        .containsExactly("1", "5", "6");
    assertThat(maps("latin1").get("6")).contains(Map.of("id", "6", "name", "\uFFFD \uD800\uDFFF"));
    Path header =
        Files.write(folder.resolve("header.csv"), new byte[] {'i', 'd', (byte) 0xE9, '\n'});
    assertThat(run(header, "latin1", "id").err()).contains("header row").contains("not UTF-8");
  }

  @Test
  void aValueThatIsTooLargeIsRejected() throws IOException {
    Path file = folder.resolve("large.ndjson");
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      writer.write("{\"id\":\"over\",\"t\":\"" + "x".repeat(16 << 20) + "\"}\n");
      writer.write("{\"id\":\"far over\",\"t\":\"" + "x".repeat(18 << 20) + "\"}\n");
      writer.write("{\"id\":\"fits\",\"t\":\"" + "x".repeat(1 << 20) + "\"}\n");
    }
    CommandRun run = run(file, "large", "id");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out())
        .startsWith("large: 3 records, 1 stored, 2 rejected")
        .contains("(line 1)")
        .contains("(line 2)");
    assertThat(howdah.kv("large", Codec.rawJson()).exists("fits")).isTrue();
  }

  @Test
  void theNamespaceIsRegisteredWhenAskedFor() throws IOException {
    Path file = file("r.ndjson", "{\"id\":\"a\",\"tags\":[\"x\"]}");
    assertThat(run(file, "searchable", "id", "--searchable").exitCode()).isZero();
    assertThat(howdah.kv("searchable", Codec.rawJson()).find("{\"tags\":[\"x\"]}").count())
        .isEqualTo(1);
    assertThat(run(file, "durable", "id", "--durability", "durable", "--ttl", "1h").exitCode())
        .isZero();
    assertThat(howdah.namespaces().list())
        .anySatisfy(namespace -> {
          assertThat(namespace.name()).isEqualTo("durable");
          assertThat(namespace.settings().durability()).isEqualTo(Durability.DURABLE);
        });
    assertThat(howdah.kv("durable", Codec.rawJson()).timeToLive("a").orElseThrow())
        .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
    // Registered with the default of a time to live, which an import leaves alone.
    assertThat(
            howdah
                .namespaces()
                .create(
                    "set",
                    NamespaceSettings.of(Durability.RELAXED).withDefaultTtl(Duration.ofDays(1))))
        .isTrue();
    assertThat(run(file, "set", "id", "--durability", "relaxed").exitCode()).isZero();
    assertThat(howdah.kv("set", Codec.rawJson()).timeToLive("a")).isPresent();
    CommandRun conflict = run(file, "set", "id", "--durability", "durable");
    assertThat(conflict.exitCode()).isEqualTo(1);
    assertThat(conflict.err()).contains("registered as relaxed, not searchable");
  }

  @Test
  void filesThatCannotBeReadAreALine() throws IOException {
    assertThat(run(folder.resolve("none.ndjson"), "n", "id").err())
        .contains("cannot read the file")
        .doesNotContain("Exception");
    assertThat(run(file("h.csv", "a,b", "1,2"), "n", "id").err())
        .contains("no field 'id'")
        .contains("a, b");
    assertThat(run(file("d.csv", "id,id", "1,2"), "n", "id").err()).contains("header");
    assertThat(run(file("e.csv"), "n", "id").err()).contains("no field 'id'");
    CommandRun broken = run(file("b.csv", "id", "1", "2", "\"x\"y", "4"), "broken", "id");
    assertThat(broken.exitCode()).isEqualTo(1);
    assertThat(broken.err()).contains("line 4").contains("2 records before it are stored");
    assertThat(howdah.kv("broken", Codec.rawJson()).count("")).isEqualTo(2);
    assertThat(run(file("f.txt", "x"), "n", "id").err()).contains("--format");
  }

  /** A CSV that an import stops in, behind line 101, with one record of the 100 rejected. */
  private Path fileThatStops(String name) throws IOException {
    List<String> lines = new ArrayList<>(List.of("id,n"));
    for (int i = 0; i < 100; i++) {
      lines.add(i == 20 ? "too,many,fields" : "k" + i + "," + i);
    }
    lines.add("\"x\"y");
    lines.add("last,1");
    return Files.write(folder.resolve(name), lines);
  }

  @Test
  void anImportThatWasStoppedGoesOn() throws IOException {
    Path file = fileThatStops("s.csv");
    assertThat(run(file, "stopped", "id", "--batch", "10").exitCode()).isEqualTo(1);
    // What somebody else does with the values since then is no reason to store them again.
    assertThat(howdah.kv("stopped", Codec.rawJson()).delete("k0")).isTrue();
    howdah.kv("stopped", Codec.rawJson()).set("k99", "2");
    CommandRun again = run(file, "stopped", "id", "--batch", "10");
    assertThat(again.err())
        .contains("going on behind line 101")
        .contains("(99 records before it are stored, 1 were rejected)");
    assertThat(howdah.kv("stopped", Codec.rawJson()).exists("k0")).isFalse();
    assertThat(howdah.kv("stopped", Codec.rawJson()).get("k99")).contains("2");
    assertThat(run(file, "stopped", "id", "--restart").err()).doesNotContain("going on");
    assertThat(howdah.kv("stopped", Codec.rawJson()).exists("k0")).isTrue();
  }

  @Test
  void anImportWhoseValuesAreGoneBeginsAnew() throws IOException {
    Path file = fileThatStops("g.csv");
    assertThat(run(file, "dropped", "id", "--durability", "durable").exitCode()).isEqualTo(1);
    assertThat(howdah.namespaces().drop("dropped")).isTrue();
    CommandRun again = run(file, "dropped", "id", "--durability", "durable");
    assertThat(again.err())
        .contains("gone; beginning anew")
        .contains("(99 records before it are stored, 1 were rejected)")
        .doesNotContain("going on");
    assertThat(howdah.kv("dropped", Codec.rawJson()).count("")).isEqualTo(99);

    assertThat(run(file, "dropped", "id").err()).contains("going on behind line 101");

    assertThat(run(file, "cleared", "id").exitCode()).isEqualTo(1);
    assertThat(howdah.namespaces().clear("cleared")).isEqualTo(99);
    howdah.kv("cleared", Codec.rawJson()).set("k99", "1");
    assertThat(run(file, "cleared", "id").err()).contains("gone; beginning anew");
    assertThat(howdah.kv("cleared", Codec.rawJson()).count("")).isEqualTo(99);
  }

  @Test
  void aRestartForgetsTheEarlierRunAtOnce() throws IOException {
    Path file = fileThatStops("r.csv");
    assertThat(run(file, "restarted", "id").exitCode()).isEqualTo(1);
    assertThat(howdah.kv("restarted", Codec.rawJson()).delete("k0")).isTrue();
    // Stops before the first batch.
    CommandRun restart = run(file, "restarted", "id", "--restart", "--rejected", folder.toString());
    assertThat(restart.err()).contains("cannot write");
    assertThat(run(file, "restarted", "id").err()).doesNotContain("going on");
    assertThat(howdah.kv("restarted", Codec.rawJson()).exists("k0")).isTrue();
  }

  @Test
  void theFileOfRejectedRecordsGoesOnWhereItWas() throws IOException {
    Path file = fileThatStops("j.csv");
    Path rejected = folder.resolve("j.rejected");
    String[] more = {"--batch", "10", "--rejected", rejected.toString()};
    assertThat(run(file, "rejects", "id", more).exitCode()).isEqualTo(1);
    List<String> lines = Files.readAllLines(rejected);
    assertThat(lines).hasSize(1).first().asString().startsWith("{\"line\":22,");
    // As a kill leaves it between a batch and its note: lines that come again, and half a one.
    Files.writeString(
        rejected,
        lines.get(0) + "\n" + "{\"line\":30,\"rea",
        java.nio.file.StandardOpenOption.APPEND);
    assertThat(run(file, "rejects", "id", more).err()).contains("going on");
    assertThat(Files.readAllLines(rejected)).isEqualTo(lines);
    // Another file is not that one.
    Path other = Files.writeString(folder.resolve("other"), "x".repeat(10_000));
    assertThat(run(file, "rejects", "id", "--batch", "10", "--rejected", other.toString()).err())
        .contains("going on");
    assertThat(other).isEmptyFile();
  }

  @Tag("full")
  @Test
  void afterAKillItGoesOnWhereItWas() throws Exception {
    int records = 30_000;
    Path file = folder.resolve("k.ndjson");
    try (BufferedWriter writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      for (int i = 0; i < records; i++) {
        writer.write(
            i % 1_000 == 7 ? "{\"no\":" + i + "}\n" : "{\"id\":\"k" + i + "\",\"n\":" + i + "}\n");
      }
    }
    Path rejected = folder.resolve("k.rejected");
    String[] args =
        args(
            file,
            "killed",
            "id",
            "--durability",
            "relaxed",
            "--batch",
            "100",
            "--rejected",
            rejected.toString());
    try (ChildProcess child = ChildProcess.start(folder, args)) {
      child.await(() -> howdah.kv("killed", Codec.rawJson()).exists("k3000"));
      child.kill();
    }
    long stored = howdah.kv("killed", Codec.rawJson()).count("");
    assertThat(stored).isBetween(3_000L, records - 1_000L);
    CommandRun again = CommandRun.of(args);
    assertThat(again.err()).contains("going on behind line");
    long line =
        Long.parseLong(
            again.err().replaceAll("(?s).*behind line ([\\d,]+),.*", "$1").replace(",", ""));
    assertThat(line).isBetween(2_900L, stored + 1_000);
    assertThat(again.exitCode()).isEqualTo(3);
    assertThat(again.out())
        .startsWith("killed: 30,000 records, 29,970 stored, 30 rejected")
        .contains("30: no field 'id' (line 8, 1,008, 2,008, 3,008, 4,008, ...)");
    assertThat(howdah.kv("killed", Codec.rawJson()).count("")).isEqualTo(29_970);
    assertThat(Files.readAllLines(rejected))
        .hasSize(30)
        .doesNotHaveDuplicates()
        .allMatch(text -> text.startsWith("{\"line\":") && text.endsWith("}"));
    assertThat(CommandRun.of(args).err()).doesNotContain("going on");
  }

  @Test
  void standardInputIsRead() throws Exception {
    Path input = file("in.csv", "id,n", "a,1", "b,2");
    String[] args = args("-", "stdin", "id", "--format", "csv");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command).redirectInput(input.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).startsWith("stdin: 2 records, 2 stored, 0 rejected");
    assertThat(howdah.kv("stdin", Codec.rawJson()).count("")).isEqualTo(2);
  }

  @Test
  void withoutADatabaseItSaysWhereItLooked() throws IOException {
    CommandRun run =
        CommandRun.of(
            "import",
            file("x.ndjson", "{}").toString(),
            "--namespace",
            "n",
            "--key",
            "id",
            "--database-url",
            "");
    // Whoever runs this test may serve on port 8080.
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err()).startsWith("howdah: ");
  }
}
